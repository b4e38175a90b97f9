/*
 * Evidence from a list, through the universal door and through the handles: the verdict and its
 * digest have to be those that the list names. `vectors FOLDER` reads FOLDER/list.tsv; each line is
 *
 *     case TAB instant in seconds TAB challenge rule or - TAB verdict TAB digest in hex
 *
 * and FOLDER/case holds request.json, policy.toml, part-0 and so on, collateral-0 and so on, and
 * where there are any root.der and challenge.
 */
#include "check.h"

#define PARTS 16

static const char *const verdicts[] = {"",         "trusted",  "genuine",
                                       "simulated", "rejected", "inconclusive"};

static char *hex(teeproof_slice digest, char *text) {
    size_t at;
    for (at = 0; at < digest.len && at < 32; at++) {
        (void)snprintf(text + 2 * at, 3, "%02x", (unsigned)digest.data[at]);
    }
    return text;
}

static size_t numbered(const char *folder, const char *stem, bytes *files, teeproof_slice *slices) {
    size_t count;
    for (count = 0; count < PARTS; count++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s-%u", stem, (unsigned)count);
        files[count] = read_optional(folder, name);
        if (files[count].data == NULL) {
            break;
        }
        slices[count] = slice(files[count]);
    }
    return count;
}

static void judged(const char *name, const char *door, const teeproof_report *report,
                   const char *verdict, const char *digest) {
    teeproof_slice found = {NULL, 0};
    char text[65] = "";
    EXPECT_OK(teeproof_report_digest(report, &found));
    if (strcmp(verdicts[verdict_of(report)], verdict) != 0 ||
        strcmp(hex(found, text), digest) != 0) {
        fprintf(stderr, "%s, %s: %s %s and not %s %s\n", name, door, verdicts[verdict_of(report)],
                text, verdict, digest);
        exit(1);
    }
}

static void through_the_door(const char *folder, const char *name, const char *verdict,
                             const char *digest) {
    bytes request = read_file(folder, "request.json");
    teeproof_text *answer = NULL;
    teeproof_str text = {NULL, 0};
    char expected[256];
    EXPECT_OK(teeproof_call((const uint8_t *)"verify", 6, request.data, request.len, &answer,
                            NULL));
    EXPECT_OK(teeproof_text_get(answer, &text));
    (void)snprintf(expected, sizeof expected, "\"verdictDigest\":\"%s\"", digest);
    if (!holds_text(text, expected)) {
        fprintf(stderr, "%s, teeproof_call: not %s\n", name, digest);
        exit(1);
    }
    (void)snprintf(expected, sizeof expected, "\"verdict\":\"%s\"", verdict);
    EXPECT(holds_text(text, expected));
    teeproof_text_free(answer);
    free(request.data);
}

/* Collateral as parts of the evidence, then, if it is authentic, as a handle. */
static int through_handles(const char *folder, const char *name, uint64_t at, const char *rule,
                           const char *verdict, const char *digest) {
    bytes files[2 * PARTS], root = read_optional(folder, "root.der");
    bytes challenge = read_optional(folder, "challenge"), policy_file;
    teeproof_slice slices[2 * PARTS];
    teeproof_options options = options_at(at);
    teeproof_policy *policy = NULL;
    teeproof_quote *whole = NULL, *bare = NULL;
    teeproof_collateral *collateral = NULL;
    teeproof_report *report = NULL;
    size_t parts = numbered(folder, "part", files, slices), all, file;
    int shared = 0;
    all = parts + numbered(folder, "collateral", files + parts, slices + parts);
    policy_file = read_file(folder, "policy.toml");
    options.root = slice(root);
    options.name = slice_of(name);
    options.challenge = slice(challenge);
    if (challenge.len > 0) {
        options.challenge_rule = slice_of(rule);
    }
    EXPECT_OK(teeproof_policy_parse(policy_file.data, policy_file.len, &policy, NULL));
    EXPECT_OK(teeproof_quote_new(slices, all, &whole, NULL));
    EXPECT_OK(teeproof_verify(whole, NULL, policy, &options, &report, NULL));
    judged(name, "parts", report, verdict, digest);
    teeproof_report_free(report);
    if (teeproof_collateral_new(slices + parts, all - parts, root.data, root.len, &collateral,
                                NULL) == TEEPROOF_RESULT_OK) {
        EXPECT_OK(teeproof_quote_new(slices, parts, &bare, NULL));
        EXPECT_OK(teeproof_verify(bare, collateral, policy, &options, &report, NULL));
        judged(name, "authentic collateral", report, verdict, digest);
        teeproof_report_free(report);
        shared = 1;
    }
    teeproof_quote_free(whole);
    teeproof_quote_free(bare);
    teeproof_collateral_free(collateral);
    teeproof_policy_free(policy);
    for (file = 0; file < all; file++) {
        free(files[file].data);
    }
    free(root.data);
    free(challenge.data);
    free(policy_file.data);
    return shared;
}

int main(int argc, char **argv) {
    bytes list;
    char *line;
    size_t cases = 0, shared = 0;
    EXPECT(argc == 2);
    list = read_file(argv[1], "list.tsv");
    list.data[list.len] = 0;
    for (line = strtok((char *)list.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char name[256], rule[64], verdict[32], digest[65], folder[4096];
        unsigned long long at = 0;
        EXPECT(sscanf(line, "%255[^\t]\t%llu\t%63[^\t]\t%31[^\t]\t%64s", name, &at, rule, verdict,
                      digest) == 5);
        (void)snprintf(folder, sizeof folder, "%s/%s", argv[1], name);
        through_the_door(folder, name, verdict, digest);
        shared += (size_t)through_handles(folder, name, at, rule, verdict, digest);
        cases++;
    }
    free(list.data);
    EXPECT(cases > 0 && shared > 0);
    printf("%u cases, %u of them with authentic collateral\n", (unsigned)cases, (unsigned)shared);
    return 0;
}
