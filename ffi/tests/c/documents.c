/* The universal door, bundles, inspections, policies as sentences, compose hashes, versions. */
#include "check.h"

static teeproof_text *called(const char *operation, const char *request) {
    teeproof_text *answer = NULL;
    EXPECT_OK(teeproof_call((const uint8_t *)operation, strlen(operation),
                            (const uint8_t *)request, strlen(request), &answer, NULL));
    return answer;
}

static void the_door(void) {
    expect_says(called("checks", ""), "\"id\":\"quote.signature\"");
    expect_says(called("policy-explain", "{}"), "{\"ok\":{");
    expect_says(called("inspect", "{\"parts\":[{\"text\":\"nonsense\"}]}"), "\"code\":\"unreadable\"");
    expect_says(called("no such thing", "{}"), "\"code\":\"unknown-operation\"");
    expect_says(called("verify", "{"), "\"code\":\"request\"");
    expect_says(called("verify", "{\"schema\":\"teeproof.request/2\",\"inputs\":[],\"at\":0}"),
                "\"code\":\"schema\"");
    expect_says(called("", ""), "\"code\":\"unknown-operation\"");
}

/* Evidence written as a bundle and read again gives the same verdict. */
static void a_bundle(const char *fixtures) {
    sample tdx = open_sample(fixtures, "tdx-v4");
    teeproof_quote *whole = NULL, *again = NULL;
    teeproof_text *bundle = NULL, *described = NULL;
    teeproof_report *direct = NULL, *bundled = NULL;
    teeproof_str text = {NULL, 0};
    teeproof_slice parts[2], first, second;
    parts[0] = slice(tdx.quote_file);
    parts[1] = slice(tdx.collateral_file);
    EXPECT_OK(teeproof_quote_new(parts, 2, &whole, NULL));
    EXPECT_OK(teeproof_quote_to_bundle(whole, &bundle, NULL));
    EXPECT_OK(teeproof_text_get(bundle, &text));
    EXPECT_OK(teeproof_quote_parse((const uint8_t *)text.data, text.len, &again, NULL));
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &direct, NULL));
    EXPECT_OK(teeproof_verify(again, NULL, tdx.policy, &tdx.options, &bundled, NULL));
    EXPECT_OK(teeproof_report_digest(direct, &first));
    EXPECT_OK(teeproof_report_digest(bundled, &second));
    EXPECT(memcmp(first.data, second.data, 32) == 0);
    teeproof_report_free(direct);
    teeproof_report_free(bundled);
    teeproof_quote_free(again);
    teeproof_text_free(bundle);

    EXPECT_OK(teeproof_quote_inspect(whole, &described, NULL));
    expect_says(described, "\"trusted\":false");
    EXPECT_OK(teeproof_collateral_inspect(tdx.collateral, &described, NULL));
    expect_says(described, "\"signedByIntel\":true");
    EXPECT_OK(teeproof_policy_explain(tdx.policy, &described, NULL));
    expect_says(described, "\"statements\":[");
    EXPECT_OK(teeproof_policy_explain(NULL, &described, NULL));
    expect_says(described, "\"digest\":");
    teeproof_quote_free(whole);
    close_sample(&tdx);
}

/* SHA-256 of `{}`, as `printf '{}' | sha256sum` gives it. */
static void a_compose_hash(void) {
    static const uint8_t expected[32] = {
        0x44, 0x13, 0x6f, 0xa3, 0x55, 0xb3, 0x67, 0x8a, 0x11, 0x46, 0xad, 0x16, 0xf7, 0xe8, 0x64,
        0x9e, 0x94, 0xfb, 0x4f, 0xc2, 0x1f, 0xe7, 0x7e, 0x83, 0x10, 0xc0, 0x60, 0xf6, 0x1c, 0xaa,
        0xff, 0x8a};
    uint8_t hash[34];
    uint8_t *large = calloc(4u * 1024u * 1024u + 1u, 1);
    EXPECT(large != NULL);
    memset(hash, 0x55, sizeof hash);
    EXPECT_OK(teeproof_compose_hash((const uint8_t *)"{}", 2, hash + 1, 32, NULL));
    EXPECT(memcmp(hash + 1, expected, 32) == 0 && hash[0] == 0x55 && hash[33] == 0x55);
    EXPECT_RESULT(TEEPROOF_RESULT_COMPOSE,
                  teeproof_compose_hash(large, 4u * 1024u * 1024u + 1u, hash, 32, NULL));
    EXPECT(hash[0] == 0x55);
    free(large);
}

static void versions(void) {
    teeproof_str text = {"kept", 4};
    EXPECT_OK(teeproof_version(&text));
    EXPECT(is_text(text, TEEPROOF_VERSION));
    EXPECT_OK(teeproof_result_word(TEEPROOF_RESULT_WRONG_KIND, &text));
    EXPECT(is_text(text, "wrong-kind"));
    EXPECT_RESULT(TEEPROOF_RESULT_UNKNOWN_NUMBER, teeproof_result_word(12345, &text));
    EXPECT(is_text(text, "wrong-kind"));
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    the_door();
    a_bundle(argv[1]);
    a_compose_hash();
    versions();
    return 0;
}
