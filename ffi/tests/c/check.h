/* What the C programs of the tests share: expectations, files, and the evidence of a fixture. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teeproof.h"

/* Ends the program with a message unless the condition holds. */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Ends the program with the library's words unless the call gave this result. */
#define EXPECT_RESULT(expected, call)                                                              \
    expect_result((expected), (call), #call, __FILE__, __LINE__)
#define EXPECT_OK(call) EXPECT_RESULT(TEEPROOF_RESULT_OK, call)

typedef struct bytes {
    uint8_t *data;
    size_t len;
} bytes;

static inline void expect_result(teeproof_result expected, teeproof_result found, const char *call,
                                 const char *file, int line) {
    teeproof_str word = {NULL, 0};
    if (found == expected) {
        return;
    }
    (void)teeproof_result_word(found, &word);
    fprintf(stderr, "%s:%d: %s gave %.*s (%u) and not %u\n", file, line, call, (int)word.len,
            word.data, (unsigned)found, (unsigned)expected);
    exit(1);
}

/* A file, or nothing if there is none. Freed with `free(bytes.data)`. */
static inline bytes read_optional(const char *folder, const char *name) {
    char path[4096];
    bytes file = {NULL, 0};
    FILE *stream;
    long size;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    stream = fopen(path, "rb");
    if (stream == NULL) {
        return file;
    }
    EXPECT(fseek(stream, 0, SEEK_END) == 0);
    size = ftell(stream);
    EXPECT(size >= 0 && fseek(stream, 0, SEEK_SET) == 0);
    file.len = (size_t)size;
    file.data = malloc(file.len + 1);
    EXPECT(file.data != NULL);
    EXPECT(fread(file.data, 1, file.len, stream) == file.len);
    (void)fclose(stream);
    return file;
}

static inline bytes read_file(const char *folder, const char *name) {
    bytes file = read_optional(folder, name);
    if (file.data == NULL) {
        fprintf(stderr, "no file %s/%s\n", folder, name);
        exit(1);
    }
    return file;
}

static inline teeproof_slice slice(bytes file) {
    teeproof_slice all;
    all.data = file.data;
    all.len = file.len;
    return all;
}

static inline teeproof_slice slice_of(const char *text) {
    teeproof_slice all;
    all.data = (const uint8_t *)text;
    all.len = strlen(text);
    return all;
}

static inline int is_text(teeproof_str found, const char *expected) {
    return found.len == strlen(expected) && memcmp(found.data, expected, found.len) == 0;
}

static inline int holds_text(teeproof_str found, const char *part) {
    size_t len = strlen(part);
    size_t at;
    for (at = 0; at + len <= found.len; at++) {
        if (memcmp(found.data + at, part, len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Whether a text holds a part. Frees it. */
static inline void expect_says(teeproof_text *text, const char *part) {
    teeproof_str value = {NULL, 0};
    EXPECT_OK(teeproof_text_get(text, &value));
    if (!holds_text(value, part)) {
        fprintf(stderr, "`%.*s` does not hold `%s`\n", (int)value.len, value.data, part);
        exit(1);
    }
    teeproof_text_free(text);
}

/* Options for an instant of the caller's choice. */
static inline teeproof_options options_at(uint64_t at) {
    teeproof_options options = TEEPROOF_OPTIONS_INIT;
    options.at = at;
    options.instant = TEEPROOF_INSTANT_GIVEN;
    return options;
}

/* One of the fixtures of real hardware: a quote, its collateral, a policy. */
typedef struct sample {
    bytes quote_file;
    bytes collateral_file;
    bytes policy_file;
    teeproof_quote *quote;
    teeproof_collateral *collateral;
    teeproof_policy *policy;
    teeproof_options options;
} sample;

/* 2025-06-27T04:53:20Z, inside of every window of the first TDX sample. */
#define SAMPLE_AT 1751000000u

static inline sample open_sample(const char *fixtures, const char *name) {
    char folder[4096];
    sample opened;
    teeproof_slice file;
    (void)snprintf(folder, sizeof folder, "%s/real/%s", fixtures, name);
    opened.quote_file = read_file(folder, "quote.bin");
    opened.collateral_file = read_file(folder, "collateral.json");
    opened.policy_file = read_file(folder, "policy.toml");
    opened.options = options_at(SAMPLE_AT);
    EXPECT_OK(teeproof_quote_parse(opened.quote_file.data, opened.quote_file.len, &opened.quote,
                                   NULL));
    file = slice(opened.collateral_file);
    EXPECT_OK(teeproof_collateral_new(&file, 1, NULL, 0, &opened.collateral, NULL));
    EXPECT_OK(teeproof_policy_parse(opened.policy_file.data, opened.policy_file.len,
                                    &opened.policy, NULL));
    return opened;
}

static inline void close_sample(sample *opened) {
    teeproof_quote_free(opened->quote);
    teeproof_collateral_free(opened->collateral);
    teeproof_policy_free(opened->policy);
    free(opened->quote_file.data);
    free(opened->collateral_file.data);
    free(opened->policy_file.data);
}

static inline teeproof_verdict verdict_of(const teeproof_report *report) {
    teeproof_verdict verdict = 0;
    EXPECT_OK(teeproof_report_verdict(report, &verdict));
    return verdict;
}

#endif
