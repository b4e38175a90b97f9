/*
 * Judges many quotes with collateral that is authenticated once:
 * fleet COLLATERAL AT POLICY QUOTE..., where AT is in seconds since 1970.
 *
 *     cc fleet.c $(pkg-config --cflags --libs teeproof) -o fleet
 *
 * Prints a line for each, and ends with 0 if none was rejected and nothing was left open.
 */
#include <stdio.h>
#include <stdlib.h>

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
    teeproof_collateral *collateral = NULL;
    teeproof_policy *policy = NULL;
    teeproof_error *error = NULL;
    teeproof_slice file, text;
    teeproof_options options = TEEPROOF_OPTIONS_INIT;
    int place, refused = 0;
    if (argc < 5) {
        fprintf(stderr, "usage: fleet COLLATERAL AT POLICY QUOTE...\n");
        return 2;
    }
    file = read_file(argv[1]);
    text = read_file(argv[3]);
    demand(teeproof_collateral_new(&file, 1, NULL, 0, &collateral, &error), error);
    demand(teeproof_policy_parse(text.data, text.len, &policy, &error), error);
    options.at = strtoull(argv[2], NULL, 10);
    options.instant = TEEPROOF_INSTANT_GIVEN;
    for (place = 4; place < argc; place++) {
        teeproof_slice bytes = read_file(argv[place]);
        teeproof_quote *quote = NULL;
        teeproof_report *report = NULL;
        teeproof_verdict verdict = TEEPROOF_VERDICT_INCONCLUSIVE;
        teeproof_str headline = {NULL, 0};
        demand(teeproof_quote_parse(bytes.data, bytes.len, &quote, &error), error);
        demand(teeproof_verify(quote, collateral, policy, &options, &report, &error), error);
        (void)teeproof_report_verdict(report, &verdict);
        (void)teeproof_report_headline(report, &headline);
        printf("%s: %.*s\n", argv[place], (int)headline.len, headline.data);
        refused += verdict != TEEPROOF_VERDICT_TRUSTED && verdict != TEEPROOF_VERDICT_GENUINE;
        teeproof_report_free(report);
        teeproof_quote_free(quote);
        free((void *)bytes.data);
    }
    teeproof_policy_free(policy);
    teeproof_collateral_free(collateral);
    free((void *)file.data);
    free((void *)text.data);
    return refused == 0 ? 0 : 1;
}
