/* Calls that are wrong: each gives a result, none crashes, and none touches an output. */
#include "check.h"

/* A pointer that no call may follow or change. */
#define UNTOUCHED(type) ((type *)(void *)&sentinel)
static uint64_t sentinel = 0x5555555555555555u;

/* Every function that takes a handle, with NULL and with a live handle of another kind. */
static void wrong_handles(const sample *tdx, teeproof_report *report, teeproof_text *text) {
    /* A text stands in for every other kind, and a report for a text. */
    const void *const wrong[] = {NULL, text, NULL, report};
    teeproof_str str = {"kept", 4};
    teeproof_slice bytes_out = {(const uint8_t *)"kept", 4};
    teeproof_text *text_out = UNTOUCHED(teeproof_text);
    teeproof_report *report_out = UNTOUCHED(teeproof_report);
    teeproof_comparison *comparison_out = UNTOUCHED(teeproof_comparison);
    teeproof_policy *policy_out = UNTOUCHED(teeproof_policy);
    teeproof_verdict verdict = 77;
    teeproof_outcome outcome = 77;
    teeproof_sameness sameness = 77;
    teeproof_result result = 77;
    uint32_t number = 77;
    size_t count = 77, round;
    for (round = 0; round < 2; round++) {
        const void *w = wrong[round];
        teeproof_result expected =
            round == 0 ? TEEPROOF_RESULT_NULL_POINTER : TEEPROOF_RESULT_WRONG_KIND;
        const teeproof_quote *one = w;
#define WRONG(call) EXPECT_RESULT(expected, call)
        WRONG(teeproof_error_result(w, &result));
        WRONG(teeproof_error_message(w, &str));
        WRONG(teeproof_text_get(wrong[round + 2], &str));
        WRONG(teeproof_quote_inspect(w, &text_out, NULL));
        WRONG(teeproof_quote_to_bundle(w, &text_out, NULL));
        WRONG(teeproof_collateral_count(w, &count));
        WRONG(teeproof_collateral_inspect(w, &text_out, NULL));
        WRONG(teeproof_policy_digest(w, &bytes_out));
        WRONG(teeproof_verify(w, tdx->collateral, tdx->policy, &tdx->options, &report_out, NULL));
        WRONG(teeproof_verify_remembering(tdx->quote, tdx->collateral, tdx->policy, &tdx->options,
                                          w, &report_out, NULL));
        WRONG(teeproof_compare(&one, 1, NULL, NULL, &tdx->options, &comparison_out, NULL));
        WRONG(teeproof_report_verdict(w, &verdict));
        WRONG(teeproof_report_simulates(w, &verdict));
        WRONG(teeproof_report_exit_code(w, &number));
        WRONG(teeproof_report_headline(w, &str));
        WRONG(teeproof_report_digest(w, &bytes_out));
        WRONG(teeproof_report_engines(w, &str));
        WRONG(teeproof_report_tcb_status(w, &str));
        WRONG(teeproof_report_measurement(w, TEEPROOF_MEASUREMENT_MRTD, &bytes_out));
        WRONG(teeproof_report_check_count(w, &count));
        WRONG(teeproof_report_check_number(w, 0, &number));
        WRONG(teeproof_report_check_outcome(w, TEEPROOF_CHECK_QUOTE_FORMAT, &outcome));
        WRONG(teeproof_report_check_text(w, TEEPROOF_CHECK_QUOTE_FORMAT, TEEPROOF_CHECK_TEXT_ID,
                                         &str));
        WRONG(teeproof_report_check_value(w, TEEPROOF_CHECK_QUOTE_FORMAT,
                                          TEEPROOF_CHECK_VALUE_FOUND, &text_out, NULL));
        WRONG(teeproof_report_to_json(w, &text_out, NULL));
        WRONG(teeproof_comparison_sameness(w, &sameness));
        WRONG(teeproof_comparison_exit_code(w, &number));
        WRONG(teeproof_comparison_headline(w, &str));
        WRONG(teeproof_comparison_digest(w, &bytes_out));
        WRONG(teeproof_comparison_to_json(w, &text_out, NULL));
#undef WRONG
    }
    /* Where NULL is allowed, another kind is not. */
    {
        const void *w = text;
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND,
                      teeproof_verify(tdx->quote, w, NULL, &tdx->options, &report_out, NULL));
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND,
                      teeproof_verify(tdx->quote, NULL, w, &tdx->options, &report_out, NULL));
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND,
                      teeproof_policy_pin(w, TEEPROOF_PIN_OS, NULL, 0, &policy_out, NULL));
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND, teeproof_policy_explain(w, &text_out, NULL));
        /* Collateral and policy in each other's place. */
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND,
                      teeproof_verify(tdx->quote, (const void *)tdx->policy,
                                      (const void *)tdx->collateral, &tdx->options, &report_out,
                                      NULL));
        EXPECT_RESULT(TEEPROOF_RESULT_WRONG_KIND,
                      teeproof_verify((const teeproof_quote *)(const void *)((const char *)w + 1),
                                      NULL, NULL, &tdx->options, &report_out, NULL));
    }
    EXPECT(is_text(str, "kept") && bytes_out.len == 4 && verdict == 77 && outcome == 77);
    EXPECT(sameness == 77 && result == 77 && number == 77 && count == 77);
    EXPECT(text_out == UNTOUCHED(teeproof_text) && report_out == UNTOUCHED(teeproof_report));
    EXPECT(comparison_out == UNTOUCHED(teeproof_comparison));
    EXPECT(policy_out == UNTOUCHED(teeproof_policy));
}

/* A handle of another kind is left alone by a free, and lives on. */
static void wrong_frees(teeproof_report *report, teeproof_text *text) {
    void *r = report, *t = text;
    teeproof_str str = {NULL, 0};
    teeproof_error_free(r);
    teeproof_text_free(r);
    teeproof_quote_free(r);
    teeproof_collateral_free(r);
    teeproof_policy_free(r);
    teeproof_memory_free(r);
    teeproof_comparison_free(r);
    teeproof_report_free(t);
    EXPECT_OK(teeproof_report_headline(report, &str));
    EXPECT_OK(teeproof_text_get(text, &str));
    teeproof_error_free(NULL);
    teeproof_text_free(NULL);
    teeproof_quote_free(NULL);
    teeproof_collateral_free(NULL);
    teeproof_policy_free(NULL);
    teeproof_memory_free(NULL);
    teeproof_report_free(NULL);
    teeproof_comparison_free(NULL);
}

/* Outputs that are NULL, and those that cannot be written to. */
static void wrong_outputs(const sample *tdx, teeproof_report *report, teeproof_text *text) {
    const teeproof_quote *one = tdx->quote;
    uint8_t hash[32];
    union {
        uint64_t aligned[2];
        unsigned char bytes[16];
    } room;
    teeproof_error *error = UNTOUCHED(teeproof_error);
    void *crooked = room.bytes + 1;
#define NO_OUTPUT(call) EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, call)
    NO_OUTPUT(teeproof_version(NULL));
    NO_OUTPUT(teeproof_result_word(TEEPROOF_RESULT_OK, NULL));
    NO_OUTPUT(teeproof_text_get(text, NULL));
    NO_OUTPUT(teeproof_quote_parse(tdx->quote_file.data, tdx->quote_file.len, NULL, NULL));
    NO_OUTPUT(teeproof_quote_new(NULL, 0, NULL, NULL));
    NO_OUTPUT(teeproof_quote_inspect(tdx->quote, NULL, NULL));
    NO_OUTPUT(teeproof_quote_to_bundle(tdx->quote, NULL, NULL));
    NO_OUTPUT(teeproof_compose_hash((const uint8_t *)"{}", 2, NULL, 32, NULL));
    NO_OUTPUT(teeproof_collateral_new(NULL, 0, NULL, 0, NULL, NULL));
    NO_OUTPUT(teeproof_collateral_count(tdx->collateral, NULL));
    NO_OUTPUT(teeproof_collateral_inspect(tdx->collateral, NULL, NULL));
    NO_OUTPUT(teeproof_policy_parse(tdx->policy_file.data, tdx->policy_file.len, NULL, NULL));
    NO_OUTPUT(teeproof_policy_pin(NULL, TEEPROOF_PIN_OS, NULL, 0, NULL, NULL));
    NO_OUTPUT(teeproof_policy_digest(tdx->policy, NULL));
    NO_OUTPUT(teeproof_policy_explain(tdx->policy, NULL, NULL));
    NO_OUTPUT(teeproof_verify(tdx->quote, NULL, NULL, &tdx->options, NULL, NULL));
    NO_OUTPUT(teeproof_compare(&one, 1, NULL, NULL, &tdx->options, NULL, NULL));
    NO_OUTPUT(teeproof_report_verdict(report, NULL));
    NO_OUTPUT(teeproof_report_exit_code(report, NULL));
    NO_OUTPUT(teeproof_report_headline(report, NULL));
    NO_OUTPUT(teeproof_report_digest(report, NULL));
    NO_OUTPUT(teeproof_report_engines(report, NULL));
    NO_OUTPUT(teeproof_report_tcb_status(report, NULL));
    NO_OUTPUT(teeproof_report_measurement(report, TEEPROOF_MEASUREMENT_MRTD, NULL));
    NO_OUTPUT(teeproof_report_check_count(report, NULL));
    NO_OUTPUT(teeproof_report_check_number(report, 0, NULL));
    NO_OUTPUT(teeproof_report_check_outcome(report, TEEPROOF_CHECK_QUOTE_FORMAT, NULL));
    NO_OUTPUT(teeproof_report_check_text(report, TEEPROOF_CHECK_QUOTE_FORMAT,
                                         TEEPROOF_CHECK_TEXT_ID, NULL));
    NO_OUTPUT(teeproof_report_check_value(report, TEEPROOF_CHECK_QUOTE_FORMAT,
                                          TEEPROOF_CHECK_VALUE_FOUND, NULL, NULL));
    NO_OUTPUT(teeproof_report_to_json(report, NULL, NULL));
    NO_OUTPUT(teeproof_call((const uint8_t *)"checks", 6, NULL, 0, NULL, NULL));
    NO_OUTPUT(teeproof_verify(tdx->quote, NULL, NULL, NULL, (teeproof_report **)&room, NULL));
#undef NO_OUTPUT
    EXPECT_RESULT(TEEPROOF_RESULT_MISALIGNED, teeproof_report_headline(report, crooked));
    EXPECT_RESULT(TEEPROOF_RESULT_MISALIGNED,
                  teeproof_quote_parse(tdx->quote_file.data, tdx->quote_file.len, crooked, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_MISALIGNED, teeproof_quote_new(crooked, 1, (void *)&room, NULL));
    /* Where an error cannot be written, the result says what there is to say. */
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_quote_parse(NULL, 1, NULL, crooked));
    /* A hash goes into 32 bytes, not into one less or more. */
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH,
                  teeproof_compose_hash((const uint8_t *)"{}", 2, hash, 31, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH,
                  teeproof_compose_hash((const uint8_t *)"{}", 2, hash, 33, NULL));
    /* On success an error is not touched. */
    EXPECT_OK(teeproof_compose_hash((const uint8_t *)"{}", 2, hash, 32, &error));
    EXPECT(error == UNTOUCHED(teeproof_error));
}

/* Inputs that are NULL or have no length there can be. */
static void wrong_inputs(const sample *tdx) {
    const teeproof_quote *none = NULL;
    teeproof_quote *quote = UNTOUCHED(teeproof_quote);
    teeproof_collateral *collateral = UNTOUCHED(teeproof_collateral);
    teeproof_comparison *comparison = UNTOUCHED(teeproof_comparison);
    teeproof_text *text = UNTOUCHED(teeproof_text);
    teeproof_policy *policy = UNTOUCHED(teeproof_policy);
    teeproof_slice part = {NULL, 4};
    const uint8_t byte = 0;
    uint8_t hash[32];
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_quote_parse(NULL, 4, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH, teeproof_quote_parse(&byte, SIZE_MAX, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_quote_new(&part, 1, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_quote_new(NULL, 1, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH, teeproof_quote_new(&part, SIZE_MAX / 2, &quote, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER,
                  teeproof_collateral_new(&part, 1, NULL, 0, &collateral, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER,
                  teeproof_collateral_new(NULL, 0, NULL, 9, &collateral, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_policy_parse(NULL, 1, &policy, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER,
                  teeproof_policy_pin(NULL, TEEPROOF_PIN_OS, NULL, 1, &policy, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER,
                  teeproof_compare(NULL, 2, NULL, NULL, &tdx->options, &comparison, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER,
                  teeproof_compare(&none, 1, NULL, NULL, &tdx->options, &comparison, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH,
                  teeproof_compare(&none, SIZE_MAX, NULL, NULL, &tdx->options, &comparison, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_compose_hash(NULL, 1, hash, 32, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_call(NULL, 3, &byte, 1, &text, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_call(&byte, 1, NULL, 3, &text, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_BAD_LENGTH,
                  teeproof_call(&byte, 1, &byte, SIZE_MAX, &text, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_NOT_UTF8,
                  teeproof_call((const uint8_t *)"\xff", 1, &byte, 0, &text, NULL));
    EXPECT(quote == UNTOUCHED(teeproof_quote) && policy == UNTOUCHED(teeproof_policy));
    EXPECT(collateral == UNTOUCHED(teeproof_collateral) && text == UNTOUCHED(teeproof_text));
    EXPECT(comparison == UNTOUCHED(teeproof_comparison));
    EXPECT(sentinel == 0x5555555555555555u);
}

/* One variable for several outputs: what it held is never read. */
static void outputs_reused(const sample *tdx) {
    teeproof_report *report = UNTOUCHED(teeproof_report);
    teeproof_report *first;
    teeproof_str str = {NULL, 0};
    EXPECT_OK(teeproof_verify(tdx->quote, tdx->collateral, NULL, &tdx->options, &report, NULL));
    first = report;
    EXPECT_OK(teeproof_verify(tdx->quote, tdx->collateral, tdx->policy, &tdx->options, &report,
                              NULL));
    EXPECT(first != report);
    EXPECT_OK(teeproof_report_headline(first, &str));
    EXPECT_OK(teeproof_report_headline(report, &str));
    teeproof_report_free(first);
    EXPECT_OK(teeproof_report_engines(report, &str));
    teeproof_report_free(report);
}

int main(int argc, char **argv) {
    sample tdx;
    teeproof_report *report = NULL;
    teeproof_text *text = NULL;
    EXPECT(argc == 2);
    EXPECT(teeproof_abi_version() == TEEPROOF_ABI_VERSION);
    tdx = open_sample(argv[1], "tdx-v4");
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &report, NULL));
    EXPECT_OK(teeproof_quote_inspect(tdx.quote, &text, NULL));
    wrong_handles(&tdx, report, text);
    wrong_frees(report, text);
    wrong_outputs(&tdx, report, text);
    wrong_inputs(&tdx);
    outputs_reused(&tdx);
    teeproof_text_free(text);
    teeproof_report_free(report);
    close_sample(&tdx);
    return 0;
}
