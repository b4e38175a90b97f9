/* A memory: every report is the one without, for one thread and for many that share it. */
#include <pthread.h>

#include "check.h"

#define THREADS 4

typedef struct work {
    const sample *shared;
    const teeproof_memory *memory;
    const teeproof_options *options;
} work;

/* The same verdict with the memory and without. */
static teeproof_verdict same(const work *own) {
    teeproof_report *with = NULL, *without = NULL;
    teeproof_slice first = {NULL, 0}, second = {NULL, 0};
    teeproof_verdict verdict = 0;
    EXPECT_OK(teeproof_verify_remembering(own->shared->quote, own->shared->collateral,
                                          own->shared->policy, own->options, own->memory, &with,
                                          NULL));
    EXPECT_OK(teeproof_verify(own->shared->quote, own->shared->collateral, own->shared->policy,
                              own->options, &without, NULL));
    EXPECT_OK(teeproof_report_digest(with, &first));
    EXPECT_OK(teeproof_report_digest(without, &second));
    EXPECT(memcmp(first.data, second.data, 32) == 0);
    EXPECT_OK(teeproof_report_verdict(with, &verdict));
    teeproof_report_free(with);
    teeproof_report_free(without);
    return verdict;
}

static void *run(void *argument) {
    EXPECT(same(argument) == TEEPROOF_VERDICT_GENUINE);
    return NULL;
}

int main(int argc, char **argv) {
    static const size_t limits[] = {0, 1, 1u << 20};
    sample tdx;
    teeproof_options late;
    size_t limit;
    EXPECT(argc == 2);
    tdx = open_sample(argv[1], "tdx-v4");
    late = tdx.options;
    late.at += 40u * 86400u;
    for (limit = 0; limit < sizeof limits / sizeof *limits; limit++) {
        pthread_t threads[THREADS];
        teeproof_memory *memory = NULL;
        work now, then;
        int thread;
        EXPECT_OK(teeproof_memory_new(limits[limit], &memory, NULL));
        now.shared = then.shared = &tdx;
        now.memory = then.memory = memory;
        now.options = &tdx.options;
        then.options = &late;
        /* Good, a day too late, and good again: the instant is judged every time. */
        EXPECT(same(&now) == TEEPROOF_VERDICT_GENUINE);
        EXPECT(same(&then) == TEEPROOF_VERDICT_INCONCLUSIVE);
        for (thread = 0; thread < THREADS; thread++) {
            EXPECT(pthread_create(&threads[thread], NULL, run, &now) == 0);
        }
        for (thread = 0; thread < THREADS; thread++) {
            EXPECT(pthread_join(threads[thread], NULL) == 0);
        }
        teeproof_memory_free(memory);
    }
    EXPECT_RESULT(TEEPROOF_RESULT_NULL_POINTER, teeproof_memory_new(0, NULL, NULL));
    close_sample(&tdx);
    return 0;
}
