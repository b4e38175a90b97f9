/*
 * Judges one quote: verify QUOTE COLLATERAL [POLICY], each a file.
 *
 *     cc verify.c $(pkg-config --cflags --libs teeproof) -o verify
 *
 * Ends with the exit code of the verdict: 0 is trusted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "teeproof.h"

static teeproof_slice read_file(const char *path) {
    teeproof_slice all = {NULL, 0};
    uint8_t *data = malloc(1 << 22);
    FILE *stream = fopen(path, "rb");
    if (data == NULL || stream == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(7);
    }
    all.data = data;
    all.len = fread(data, 1, 1 << 22, stream);
    fclose(stream);
    return all;
}

/* Ends the program with the library's sentence. */
static void demand(teeproof_result result, teeproof_error *error) {
    teeproof_str why = {NULL, 0};
    if (result != TEEPROOF_RESULT_OK) {
        (void)teeproof_error_message(error, &why);
        fprintf(stderr, "%.*s\n", (int)why.len, why.data);
        teeproof_error_free(error);
        exit(7);
    }
}

int main(int argc, char **argv) {
    teeproof_quote *quote = NULL;
    teeproof_policy *policy = NULL;
    teeproof_report *report = NULL;
    teeproof_error *error = NULL;
    teeproof_slice parts[2], text = {NULL, 0};
    teeproof_str headline = {NULL, 0};
    teeproof_options options = TEEPROOF_OPTIONS_INIT;
    uint32_t code = 6;
    size_t index, count = 0;
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: verify QUOTE COLLATERAL [POLICY]\n");
        return 2;
    }
    parts[0] = read_file(argv[1]);
    parts[1] = read_file(argv[2]);
    demand(teeproof_quote_new(parts, 2, &quote, &error), error);
    if (argc == 4) {
        text = read_file(argv[3]);
        demand(teeproof_policy_parse(text.data, text.len, &policy, &error), error);
    }
    options.at = (uint64_t)time(NULL);
    options.instant = TEEPROOF_INSTANT_CLOCK;
    demand(teeproof_verify(quote, NULL, policy, &options, &report, &error), error);

    (void)teeproof_report_headline(report, &headline);
    printf("%.*s\n", (int)headline.len, headline.data);
    (void)teeproof_report_check_count(report, &count);
    for (index = 0; index < count; index++) {
        teeproof_outcome outcome = TEEPROOF_OUTCOME_NOT_REQUESTED;
        teeproof_str id = {NULL, 0}, because = {NULL, 0};
        uint32_t check = 0;
        (void)teeproof_report_check_number(report, index, &check);
        (void)teeproof_report_check_outcome(report, check, &outcome);
        if (outcome == TEEPROOF_OUTCOME_FAILED || outcome == TEEPROOF_OUTCOME_SKIPPED) {
            (void)teeproof_report_check_text(report, check, TEEPROOF_CHECK_TEXT_ID, &id);
            (void)teeproof_report_check_text(report, check, TEEPROOF_CHECK_TEXT_BECAUSE, &because);
            printf("  %.*s: %.*s\n", (int)id.len, id.data, (int)because.len, because.data);
        }
    }
    (void)teeproof_report_exit_code(report, &code);
    teeproof_report_free(report);
    teeproof_policy_free(policy);
    teeproof_quote_free(quote);
    free((void *)parts[0].data);
    free((void *)parts[1].data);
    free((void *)text.data);
    return (int)code;
}
