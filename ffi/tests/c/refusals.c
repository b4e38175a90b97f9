/* What is wrong with evidence is in the report; what is wrong with an input is a result. */
#include "check.h"

/* The result of a call, which has to be the error's own and come with these words. */
static teeproof_result refused(teeproof_result result, teeproof_error **error, const char *words) {
    teeproof_result own = TEEPROOF_RESULT_OK;
    teeproof_str message = {NULL, 0};
    EXPECT(*error != NULL);
    EXPECT_OK(teeproof_error_result(*error, &own));
    EXPECT(own == result);
    EXPECT_OK(teeproof_error_message(*error, &message));
    EXPECT(message.len > 0);
    if (!holds_text(message, words)) {
        fprintf(stderr, "`%.*s` does not say `%s`\n", (int)message.len, message.data, words);
        exit(1);
    }
    teeproof_error_free(*error);
    *error = NULL;
    return result;
}

/* Every one of these bits is under a signature, so that a flip has to be seen. */
static void a_bit_flipped(sample *tdx) {
    static const size_t places[] = {2, 60, 200, 400, 540, 600, 640, 700, 800};
    size_t place;
    for (place = 0; place < sizeof places / sizeof *places; place++) {
        teeproof_quote *quote = NULL;
        teeproof_report *report = NULL;
        bytes altered = {malloc(tdx->quote_file.len), tdx->quote_file.len};
        EXPECT(altered.data != NULL);
        memcpy(altered.data, tdx->quote_file.data, altered.len);
        altered.data[places[place]] ^= 1;
        if (teeproof_quote_parse(altered.data, altered.len, &quote, NULL) == TEEPROOF_RESULT_OK) {
            EXPECT_OK(teeproof_verify(quote, tdx->collateral, tdx->policy, &tdx->options, &report,
                                      NULL));
            EXPECT(verdict_of(report) == TEEPROOF_VERDICT_REJECTED);
        }
        teeproof_report_free(report);
        teeproof_quote_free(quote);
        free(altered.data);
    }
}

static void a_quote_cut_short(sample *tdx) {
    size_t len;
    for (len = 0; len < tdx->quote_file.len; len += 97) {
        teeproof_quote *quote = NULL;
        teeproof_report *report = NULL;
        /* Exactly so many bytes: reading one more is seen by a sanitizer. */
        uint8_t *cut = malloc(len + 1);
        EXPECT(cut != NULL);
        memcpy(cut, tdx->quote_file.data, len);
        cut = realloc(cut, len == 0 ? 1 : len);
        EXPECT(cut != NULL);
        if (teeproof_quote_parse(cut, len, &quote, NULL) == TEEPROOF_RESULT_OK) {
            EXPECT_OK(teeproof_verify(quote, tdx->collateral, tdx->policy, &tdx->options, &report,
                                      NULL));
            /* Only the zeros behind the quote may go. */
            if (len + 70 < tdx->quote_file.len) {
                teeproof_slice register_bytes;
                EXPECT(verdict_of(report) == TEEPROOF_VERDICT_REJECTED);
                EXPECT_RESULT(TEEPROOF_RESULT_ABSENT,
                              teeproof_report_measurement(report, TEEPROOF_MEASUREMENT_MRTD,
                                                          &register_bytes));
            }
        }
        teeproof_report_free(report);
        teeproof_quote_free(quote);
        free(cut);
    }
}

static void collateral_and_roots(sample *tdx, const char *fixtures) {
    char folder[4096];
    bytes root, broken = {malloc(tdx->collateral_file.len), tdx->collateral_file.len};
    teeproof_collateral *collateral = NULL, *forged = NULL;
    teeproof_error *error = NULL;
    teeproof_report *report = NULL;
    teeproof_slice files[2];
    size_t place, count = 0;
    char *signature;

    EXPECT(broken.data != NULL);
    memcpy(broken.data, tdx->collateral_file.data, broken.len);
    broken.data[broken.len - 1] = 0;
    signature = strstr((char *)broken.data, "\"tcb_info_signature\"");
    EXPECT(signature != NULL);
    place = (size_t)(signature - (char *)broken.data) + strlen("\"tcb_info_signature\":") + 20;
    memcpy(broken.data, tdx->collateral_file.data, broken.len);
    broken.data[place] = broken.data[place] == '0' ? '1' : '0';

    files[0] = slice(tdx->collateral_file);
    files[1] = slice(broken);
    EXPECT_RESULT(TEEPROOF_RESULT_COLLATERAL_REFUSED,
                  refused(teeproof_collateral_new(files, 2, NULL, 0, &collateral, &error), &error,
                          "collateral file 1"));
    EXPECT(collateral == NULL);
    files[1] = slice_of("{}");
    error = NULL;
    EXPECT_RESULT(TEEPROOF_RESULT_COLLATERAL_FORMAT,
                  refused(teeproof_collateral_new(files, 2, NULL, 0, &collateral, &error), &error,
                          "lacks"));
    error = NULL;
    EXPECT_RESULT(TEEPROOF_RESULT_ROOT,
                  refused(teeproof_collateral_new(files, 1, (const uint8_t *)"x", 1, &collateral,
                                                  &error),
                          &error, "root certificate"));

    /* Intel's collateral under the test root, and the other way round. */
    (void)snprintf(folder, sizeof folder, "%s/forged/tdx-v4", fixtures);
    root = read_file(folder, "root.der");
    EXPECT_RESULT(TEEPROOF_RESULT_COLLATERAL_REFUSED,
                  teeproof_collateral_new(files, 1, root.data, root.len, &collateral, NULL));
    free(broken.data);
    broken = read_file(folder, "collateral.json");
    files[0] = slice(broken);
    EXPECT_RESULT(TEEPROOF_RESULT_COLLATERAL_REFUSED,
                  teeproof_collateral_new(files, 1, NULL, 0, &collateral, NULL));
    EXPECT_OK(teeproof_collateral_new(files, 1, root.data, root.len, &forged, NULL));
    EXPECT_OK(teeproof_collateral_count(forged, &count));
    EXPECT(count == 1);
    EXPECT_OK(teeproof_verify(tdx->quote, forged, tdx->policy, &tdx->options, &report, NULL));
    EXPECT(verdict_of(report) != TEEPROOF_VERDICT_GENUINE);
    teeproof_report_free(report);
    teeproof_collateral_free(forged);
    free(root.data);
    free(broken.data);

    /* None at all. */
    report = NULL;
    EXPECT_OK(teeproof_verify(tdx->quote, NULL, tdx->policy, &tdx->options, &report, NULL));
    EXPECT(verdict_of(report) == TEEPROOF_VERDICT_INCONCLUSIVE);
    teeproof_report_free(report);
}

static void inputs(const sample *tdx) {
    teeproof_quote *quote = NULL;
    teeproof_error *error = NULL;
    teeproof_slice parts[2];
    EXPECT_RESULT(TEEPROOF_RESULT_UNREADABLE,
                  refused(teeproof_quote_parse((const uint8_t *)"nonsense", 8, &quote, &error),
                          &error, ""));
    EXPECT_RESULT(TEEPROOF_RESULT_UNREADABLE, teeproof_quote_parse(NULL, 0, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NOT_ONE_INSTANCE, teeproof_quote_new(NULL, 0, &quote, NULL));
    /* Two quotes are two machines. */
    parts[0] = slice(tdx->quote_file);
    parts[1] = slice(tdx->quote_file);
    parts[1].len -= 1;
    EXPECT_RESULT(TEEPROOF_RESULT_NOT_ONE_INSTANCE, teeproof_quote_new(parts, 2, &quote, NULL));
    EXPECT(quote == NULL);
}

static void policies(const sample *tdx) {
    static const char unknown_key[] = "schema = \"teeproof.policy/1\"\n[tcb]\nmerge = []\n";
    uint8_t hash[64] = {0};
    teeproof_policy *policy = NULL, *pinned = NULL;
    teeproof_error *error = NULL;
    teeproof_report *report = NULL;
    teeproof_slice before, after;
    EXPECT_RESULT(TEEPROOF_RESULT_POLICY,
                  refused(teeproof_policy_parse((const uint8_t *)unknown_key,
                                                sizeof unknown_key - 1, &policy, &error),
                          &error, "merge"));
    EXPECT(policy == NULL);
    EXPECT_RESULT(TEEPROOF_RESULT_UNKNOWN_NUMBER,
                  teeproof_policy_pin(NULL, 99, hash, 32, &pinned, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH,
                  teeproof_policy_pin(NULL, TEEPROOF_PIN_COMPOSE_HASH, hash, 31, &pinned, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_POLICY,
                  teeproof_policy_pin(NULL, TEEPROOF_PIN_OS, (const uint8_t *)"none", 4, &pinned,
                                      NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NOT_UTF8,
                  teeproof_policy_pin(NULL, TEEPROOF_PIN_OS, (const uint8_t *)"\xff", 1, &pinned,
                                      NULL));
    EXPECT(pinned == NULL);

    /* Another REPORTDATA than that of the quote. */
    EXPECT_OK(teeproof_policy_pin(tdx->policy, TEEPROOF_PIN_REPORT_DATA, hash, 64, &pinned, NULL));
    EXPECT_OK(teeproof_policy_digest(tdx->policy, &before));
    EXPECT_OK(teeproof_policy_digest(pinned, &after));
    EXPECT(before.len == 32 && after.len == 32 && memcmp(before.data, after.data, 32) != 0);
    EXPECT_OK(teeproof_verify(tdx->quote, tdx->collateral, pinned, &tdx->options, &report, NULL));
    EXPECT(verdict_of(report) == TEEPROOF_VERDICT_REJECTED);
    teeproof_report_free(report);
    teeproof_policy_free(pinned);
    report = NULL;
    pinned = NULL;
    /* And that of the quote. */
    EXPECT_OK(teeproof_policy_pin(tdx->policy, TEEPROOF_PIN_REPORT_DATA,
                                  tdx->quote_file.data + 568, 64, &pinned, NULL));
    EXPECT_OK(teeproof_verify(tdx->quote, tdx->collateral, pinned, &tdx->options, &report, NULL));
    EXPECT(verdict_of(report) == TEEPROOF_VERDICT_GENUINE);
    teeproof_report_free(report);
    teeproof_policy_free(pinned);
}

static void options(const sample *tdx) {
    static const struct {
        teeproof_result result;
        const char *words;
    } expected[] = {
        {TEEPROOF_RESULT_OPTIONS_SIZE, "bytes"},
        {TEEPROOF_RESULT_UNKNOWN_NUMBER, "teeproof_instant 0"},
        {TEEPROOF_RESULT_UNKNOWN_NUMBER, "flags"},
        {TEEPROOF_RESULT_INSTANT, "9999"},
        {TEEPROOF_RESULT_INSTANT, "captured"},
        {TEEPROOF_RESULT_CHALLENGE, "rule"},
        {TEEPROOF_RESULT_CHALLENGE, "without a challenge"},
        {TEEPROOF_RESULT_NOT_UTF8, ""},
        {TEEPROOF_RESULT_ROOT, "root certificate"},
        {TEEPROOF_RESULT_BAD_LENGTH, "32"},
        {TEEPROOF_RESULT_NULL_POINTER, "NULL"},
        {TEEPROOF_RESULT_BAD_LENGTH, "elements"},
        {TEEPROOF_RESULT_CHALLENGE, "1024"},
    };
    uint8_t large[1025] = {0};
    size_t place;
    for (place = 0; place < sizeof expected / sizeof *expected; place++) {
        teeproof_options wrong = tdx->options;
        teeproof_report *report = NULL;
        teeproof_error *error = NULL;
        switch (place) {
        case 0: wrong.size -= 1; break;
        case 1: wrong.instant = 0; break;
        case 2: wrong.flags = 0x80; break;
        case 3: wrong.at = UINT64_MAX; break;
        case 4: wrong.instant = TEEPROOF_INSTANT_CAPTURED; break;
        case 5: wrong.challenge = slice_of("c"); break;
        case 6: wrong.challenge_rule = slice_of("sha512"); break;
        case 7: wrong.name = slice_of("\xc3"); break;
        case 8: wrong.root = slice_of("no certificate"); break;
        case 9: wrong.flags = TEEPROOF_LIVE; wrong.tls_key = slice_of("short"); break;
        case 10: wrong.name.data = NULL; wrong.name.len = 3; break;
        case 11: wrong.name = slice_of("x"); wrong.name.len = SIZE_MAX; break;
        default:
            wrong.challenge.data = large;
            wrong.challenge.len = sizeof large;
            wrong.challenge_rule = slice_of("sha512");
        }
        EXPECT_RESULT(expected[place].result,
                      refused(teeproof_verify(tdx->quote, tdx->collateral, tdx->policy, &wrong,
                                              &report, &error),
                              &error, expected[place].words));
        EXPECT(report == NULL);
    }
}

int main(int argc, char **argv) {
    sample tdx;
    EXPECT(argc == 2);
    tdx = open_sample(argv[1], "tdx-v4");
    a_bit_flipped(&tdx);
    a_quote_cut_short(&tdx);
    collateral_and_roots(&tdx, argv[1]);
    inputs(&tdx);
    policies(&tdx);
    options(&tdx);
    close_sample(&tdx);
    return 0;
}
