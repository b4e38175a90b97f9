/* A real quote, judged; and everything a report lends. */
#include "check.h"

static void the_verdict(const teeproof_report *report) {
    teeproof_str headline, engines, status;
    teeproof_text *json = NULL;
    teeproof_slice digest;
    teeproof_verdict verdict = 0;
    uint32_t code = 99;
    EXPECT_OK(teeproof_report_verdict(report, &verdict));
    EXPECT(verdict == TEEPROOF_VERDICT_GENUINE);
    EXPECT_OK(teeproof_report_exit_code(report, &code));
    EXPECT(code == 3);
    EXPECT_OK(teeproof_report_headline(report, &headline));
    EXPECT(holds_text(headline, "GENUINE, NOT PINNED"));
    EXPECT_OK(teeproof_report_engines(report, &engines));
    EXPECT(is_text(engines, "both") || is_text(engines, "single"));
    EXPECT_OK(teeproof_report_tcb_status(report, &status));
    EXPECT(is_text(status, "UpToDate"));
    EXPECT_OK(teeproof_report_digest(report, &digest));
    EXPECT(digest.len == 32);
    EXPECT_OK(teeproof_report_to_json(report, &json, NULL));
    expect_says(json, "\"schema\":\"teeproof.answer/1\"");
    EXPECT_OK(teeproof_report_to_json(report, &json, NULL));
    expect_says(json, "\"verdict\":\"genuine\"");
    EXPECT_RESULT(TEEPROOF_RESULT_ABSENT, teeproof_report_simulates(report, &verdict));
    EXPECT(verdict == TEEPROOF_VERDICT_GENUINE);
}

static void the_checks(const teeproof_report *report) {
    size_t count = 0, index, passed = 0;
    uint32_t number = 0;
    teeproof_outcome outcome = 0;
    teeproof_str text = {NULL, 0};
    teeproof_text *value = NULL;
    EXPECT_OK(teeproof_report_check_count(report, &count));
    EXPECT(count > 40);
    for (index = 0; index < count; index++) {
        EXPECT_OK(teeproof_report_check_number(report, index, &number));
        EXPECT_OK(teeproof_report_check_outcome(report, number, &outcome));
        EXPECT(outcome >= TEEPROOF_OUTCOME_PASSED && outcome <= TEEPROOF_OUTCOME_NOT_REQUESTED);
        passed += outcome == TEEPROOF_OUTCOME_PASSED;
        EXPECT_OK(teeproof_report_check_text(report, number, TEEPROOF_CHECK_TEXT_ID, &text));
        EXPECT(text.len > 0);
        EXPECT_OK(teeproof_report_check_text(report, number, TEEPROOF_CHECK_TEXT_TITLE, &text));
        EXPECT(text.len > 0);
    }
    EXPECT(passed > 15);
    EXPECT_RESULT(TEEPROOF_RESULT_OUT_OF_RANGE,
                  teeproof_report_check_number(report, count, &number));
    EXPECT_OK(teeproof_report_check_outcome(report, TEEPROOF_CHECK_QUOTE_SIGNATURE, &outcome));
    EXPECT(outcome == TEEPROOF_OUTCOME_PASSED);
    EXPECT_OK(teeproof_report_check_text(report, TEEPROOF_CHECK_QUOTE_SIGNATURE,
                                         TEEPROOF_CHECK_TEXT_ID, &text));
    EXPECT(is_text(text, "quote.signature"));
    EXPECT_OK(teeproof_report_check_value(report, TEEPROOF_CHECK_TCB_STATUS,
                                          TEEPROOF_CHECK_VALUE_FOUND, &value, NULL));
    expect_says(value, "UpToDate");
    EXPECT_OK(teeproof_report_check_value(report, TEEPROOF_CHECK_TCB_STATUS,
                                          TEEPROOF_CHECK_VALUE_EXPECTED, &value, NULL));
    expect_says(value, "UpToDate");
    EXPECT_RESULT(TEEPROOF_RESULT_UNKNOWN_NUMBER,
                  teeproof_report_check_value(report, TEEPROOF_CHECK_TCB_STATUS, 3, &value, NULL));
    EXPECT_RESULT(TEEPROOF_RESULT_UNKNOWN_NUMBER,
                  teeproof_report_check_text(report, TEEPROOF_CHECK_TCB_STATUS, 8, &text));
    EXPECT_RESULT(TEEPROOF_RESULT_UNKNOWN_NUMBER,
                  teeproof_report_check_outcome(report, 9999, &outcome));
    EXPECT_RESULT(TEEPROOF_RESULT_ABSENT,
                  teeproof_report_check_text(report, TEEPROOF_CHECK_QUOTE_SIGNATURE,
                                             TEEPROOF_CHECK_TEXT_REASON, &text));
}

/* Registers against the quote itself: a version 4 quote has its TD report from byte 48 on. */
static void the_registers(const teeproof_report *report, const bytes *quote) {
    static const struct {
        uint32_t which;
        size_t offset, len;
    } places[] = {
        {TEEPROOF_MEASUREMENT_TEE_TCB_SVN, 48, 16},
        {TEEPROOF_MEASUREMENT_MR_SEAM, 64, 48},
        {TEEPROOF_MEASUREMENT_MR_SIGNER_SEAM, 112, 48},
        {TEEPROOF_MEASUREMENT_TD_ATTRIBUTES, 168, 8},
        {TEEPROOF_MEASUREMENT_XFAM, 176, 8},
        {TEEPROOF_MEASUREMENT_MRTD, 184, 48},
        {TEEPROOF_MEASUREMENT_MR_CONFIG_ID, 232, 48},
        {TEEPROOF_MEASUREMENT_MR_OWNER, 280, 48},
        {TEEPROOF_MEASUREMENT_MR_OWNER_CONFIG, 328, 48},
        {TEEPROOF_MEASUREMENT_RTMR0, 376, 48},
        {TEEPROOF_MEASUREMENT_RTMR1, 424, 48},
        {TEEPROOF_MEASUREMENT_RTMR2, 472, 48},
        {TEEPROOF_MEASUREMENT_RTMR3, 520, 48},
        {TEEPROOF_MEASUREMENT_REPORT_DATA, 568, 64},
    };
    size_t place;
    teeproof_slice value = {NULL, 0};
    for (place = 0; place < sizeof places / sizeof *places; place++) {
        EXPECT_OK(teeproof_report_measurement(report, places[place].which, &value));
        EXPECT(value.len == places[place].len);
        EXPECT(memcmp(value.data, quote->data + places[place].offset, value.len) == 0);
    }
    EXPECT_RESULT(TEEPROOF_RESULT_ABSENT,
                  teeproof_report_measurement(report, TEEPROOF_MEASUREMENT_TEE_TCB_SVN2, &value));
    EXPECT_RESULT(TEEPROOF_RESULT_ABSENT,
                  teeproof_report_measurement(report, TEEPROOF_MEASUREMENT_MR_ENCLAVE, &value));
}

/* The same for an SGX quote, whose enclave report begins at byte 48. */
static void an_enclave(const char *fixtures) {
    static const struct {
        uint32_t which;
        size_t offset, len;
    } places[] = {
        {TEEPROOF_MEASUREMENT_ATTRIBUTES, 96, 16},  {TEEPROOF_MEASUREMENT_MR_ENCLAVE, 112, 32},
        {TEEPROOF_MEASUREMENT_MR_SIGNER, 176, 32},  {TEEPROOF_MEASUREMENT_ISV_PROD_ID, 304, 2},
        {TEEPROOF_MEASUREMENT_ISV_SVN, 306, 2},     {TEEPROOF_MEASUREMENT_REPORT_DATA, 368, 64},
    };
    sample sgx = open_sample(fixtures, "sgx-v3");
    teeproof_report *report = NULL;
    teeproof_slice value = {NULL, 0};
    size_t place;
    EXPECT_OK(teeproof_verify(sgx.quote, sgx.collateral, sgx.policy, &sgx.options, &report, NULL));
    EXPECT(verdict_of(report) != TEEPROOF_VERDICT_REJECTED);
    for (place = 0; place < sizeof places / sizeof *places; place++) {
        EXPECT_OK(teeproof_report_measurement(report, places[place].which, &value));
        EXPECT(value.len == places[place].len);
        EXPECT(memcmp(value.data, sgx.quote_file.data + places[place].offset, value.len) == 0);
    }
    EXPECT_RESULT(TEEPROOF_RESULT_ABSENT,
                  teeproof_report_measurement(report, TEEPROOF_MEASUREMENT_MRTD, &value));
    teeproof_report_free(report);
    close_sample(&sgx);
}

int main(int argc, char **argv) {
    sample tdx;
    teeproof_report *report = NULL, *again = NULL;
    teeproof_slice first, second;
    EXPECT(argc == 2);
    tdx = open_sample(argv[1], "tdx-v4");
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &report, NULL));
    the_verdict(report);
    the_checks(report);
    the_registers(report, &tdx.quote_file);

    /* The same handles once more: the same verdict. A day too late: another. */
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &again, NULL));
    EXPECT_OK(teeproof_report_digest(report, &first));
    EXPECT_OK(teeproof_report_digest(again, &second));
    EXPECT(memcmp(first.data, second.data, 32) == 0);
    teeproof_report_free(again);
    again = NULL;
    tdx.options.at += 40u * 86400u;
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &again, NULL));
    EXPECT(verdict_of(again) == TEEPROOF_VERDICT_INCONCLUSIVE);
    EXPECT_OK(teeproof_report_digest(again, &second));
    EXPECT(memcmp(first.data, second.data, 32) != 0);
    teeproof_report_free(again);

    /* What a report lends does not rest on what it was made from. */
    close_sample(&tdx);
    the_verdict(report);
    the_checks(report);
    teeproof_report_free(report);
    an_enclave(argv[1]);
    return 0;
}
