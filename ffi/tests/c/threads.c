/* One quote, one collateral, one policy and one report, used by many threads at the same time. */
#include <pthread.h>

#include "check.h"

#define THREADS 4
#define ROUNDS 3

typedef struct work {
    const sample *shared;
    const teeproof_report *report;
    uint8_t digest[32];
} work;

static void *run(void *argument) {
    work *own = argument;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        teeproof_report *report = NULL;
        teeproof_text *text = NULL;
        teeproof_slice digest = {NULL, 0};
        teeproof_str headline = {NULL, 0};
        EXPECT_OK(teeproof_verify(own->shared->quote, own->shared->collateral,
                                  own->shared->policy, &own->shared->options, &report, NULL));
        EXPECT_OK(teeproof_report_digest(report, &digest));
        memcpy(own->digest, digest.data, 32);
        teeproof_report_free(report);
        EXPECT_OK(teeproof_report_headline(own->report, &headline));
        EXPECT(holds_text(headline, "GENUINE"));
        EXPECT_OK(teeproof_report_to_json(own->report, &text, NULL));
        expect_says(text, "\"verdict\":\"genuine\"");
        EXPECT_OK(teeproof_call((const uint8_t *)"policy-explain", 14, (const uint8_t *)"{}", 2,
                                &text, NULL));
        teeproof_text_free(text);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    work works[THREADS];
    sample tdx;
    teeproof_report *report = NULL;
    teeproof_slice digest = {NULL, 0};
    int thread;
    EXPECT(argc == 2);
    tdx = open_sample(argv[1], "tdx-v4");
    EXPECT_OK(teeproof_verify(tdx.quote, tdx.collateral, tdx.policy, &tdx.options, &report, NULL));
    EXPECT_OK(teeproof_report_digest(report, &digest));
    for (thread = 0; thread < THREADS; thread++) {
        works[thread].shared = &tdx;
        works[thread].report = report;
        EXPECT(pthread_create(&threads[thread], NULL, run, &works[thread]) == 0);
    }
    for (thread = 0; thread < THREADS; thread++) {
        EXPECT(pthread_join(threads[thread], NULL) == 0);
        EXPECT(memcmp(works[thread].digest, digest.data, 32) == 0);
    }
    teeproof_report_free(report);
    close_sample(&tdx);
    return 0;
}
