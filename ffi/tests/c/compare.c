/* Instances against each other: simulated machines of one cluster. */
#include "check.h"

/* 2025-07-01T00:00:00Z, the instant of the forged fixtures. */
#define FORGED_AT 1751328000u

typedef struct machine {
    bytes files[4];
    teeproof_quote *quote;
} machine;

static machine open_machine(const char *fixtures, const char *name) {
    static const char *const names[] = {"quote.bin", "event-log.json", "app-compose.json",
                                        "vm-config.json"};
    machine opened;
    teeproof_slice parts[4];
    char folder[4096];
    size_t part;
    (void)snprintf(folder, sizeof folder, "%s/forged/%s", fixtures, name);
    for (part = 0; part < 4; part++) {
        opened.files[part] = read_file(folder, names[part]);
        parts[part] = slice(opened.files[part]);
    }
    EXPECT_OK(teeproof_quote_new(parts, 4, &opened.quote, NULL));
    return opened;
}

static void close_machine(machine *opened) {
    size_t part;
    teeproof_quote_free(opened->quote);
    for (part = 0; part < 4; part++) {
        free(opened->files[part].data);
    }
}

int main(int argc, char **argv) {
    machine prod7, prod9, strayed;
    bytes root, policy_file, files[3];
    teeproof_slice slices[3];
    teeproof_collateral *collateral = NULL;
    teeproof_policy *policy = NULL;
    teeproof_comparison *same = NULL, *swapped = NULL, *other = NULL, *alone = NULL;
    teeproof_options options = options_at(FORGED_AT);
    const teeproof_quote *quotes[3];
    teeproof_sameness sameness = 0;
    teeproof_slice first = {NULL, 0}, second = {NULL, 0};
    teeproof_str text = {NULL, 0};
    teeproof_text *json = NULL;
    uint32_t code = 99;
    char folder[4096];
    EXPECT(argc == 2);
    prod7 = open_machine(argv[1], "cluster-prod7");
    prod9 = open_machine(argv[1], "cluster-prod9");
    strayed = open_machine(argv[1], "cluster-strayed");
    (void)snprintf(folder, sizeof folder, "%s/forged/cluster-prod7", argv[1]);
    root = read_file(folder, "root.der");
    policy_file = read_file(folder, "policy.toml");
    files[0] = read_file(folder, "collateral.json");
    (void)snprintf(folder, sizeof folder, "%s/forged/cluster-prod9", argv[1]);
    files[1] = read_file(folder, "collateral.json");
    (void)snprintf(folder, sizeof folder, "%s/forged/cluster-strayed", argv[1]);
    files[2] = read_file(folder, "collateral.json");
    slices[0] = slice(files[0]);
    slices[1] = slice(files[1]);
    slices[2] = slice(files[2]);
    EXPECT_OK(teeproof_collateral_new(slices, 3, root.data, root.len, &collateral, NULL));
    EXPECT_OK(teeproof_policy_parse(policy_file.data, policy_file.len, &policy, NULL));
    options.root = slice(root);

    quotes[0] = prod7.quote;
    quotes[1] = prod9.quote;
    quotes[2] = strayed.quote;
    EXPECT_OK(teeproof_compare(quotes, 2, collateral, policy, &options, &same, NULL));
    EXPECT_OK(teeproof_comparison_sameness(same, &sameness));
    EXPECT(sameness == TEEPROOF_SAMENESS_SAME_CODE);
    EXPECT_OK(teeproof_comparison_exit_code(same, &code));
    EXPECT(code == 10);
    EXPECT_OK(teeproof_comparison_headline(same, &text));
    EXPECT(holds_text(text, "SIMULATED"));
    EXPECT_OK(teeproof_comparison_to_json(same, &json, NULL));
    expect_says(json, "\"schema\":\"teeproof.comparison/1\"");
    EXPECT_OK(teeproof_comparison_to_json(same, &json, NULL));
    expect_says(json, "\"result\":\"same-code\"");

    /* In the other order: the same digest. */
    quotes[0] = prod9.quote;
    quotes[1] = prod7.quote;
    EXPECT_OK(teeproof_compare(quotes, 2, collateral, policy, &options, &swapped, NULL));
    EXPECT_OK(teeproof_comparison_digest(same, &first));
    EXPECT_OK(teeproof_comparison_digest(swapped, &second));
    EXPECT(first.len == 32 && second.len == 32 && memcmp(first.data, second.data, 32) == 0);

    EXPECT_OK(teeproof_compare(quotes, 3, collateral, policy, &options, &other, NULL));
    /* One that the policy rejects proves nothing. */
    EXPECT_OK(teeproof_comparison_sameness(other, &sameness));
    EXPECT(sameness == TEEPROOF_SAMENESS_UNPROVEN);
    EXPECT_OK(teeproof_comparison_headline(other, &text));
    EXPECT(holds_text(text, "not accepted"));
    EXPECT_OK(teeproof_comparison_digest(other, &second));
    EXPECT(memcmp(first.data, second.data, 32) != 0);

    /* Instances that were asked have to answer with report data of their own, and these are alike. */
    options.challenge = slice_of("a challenge of the forge");
    options.challenge_rule = slice_of("sha512");
    EXPECT_OK(teeproof_compare(quotes, 2, collateral, policy, &options, &alone, NULL));
    EXPECT_OK(teeproof_comparison_sameness(alone, &sameness));
    EXPECT(sameness == TEEPROOF_SAMENESS_REFUTED);
    EXPECT_OK(teeproof_comparison_exit_code(alone, &code));
    EXPECT(code == 9);
    teeproof_comparison_free(alone);

    /* One instance, or none, is nothing to compare, and that is an answer. */
    EXPECT_OK(teeproof_compare(quotes, 1, collateral, policy, &options, &alone, NULL));
    EXPECT_OK(teeproof_comparison_sameness(alone, &sameness));
    EXPECT(sameness == TEEPROOF_SAMENESS_UNPROVEN);
    teeproof_comparison_free(alone);
    EXPECT_OK(teeproof_compare(NULL, 0, collateral, policy, &options, &alone, NULL));
    EXPECT_OK(teeproof_comparison_sameness(alone, &sameness));
    EXPECT(sameness == TEEPROOF_SAMENESS_UNPROVEN);

    /* A comparison does not rest on what it was made from. */
    close_machine(&prod7);
    close_machine(&prod9);
    close_machine(&strayed);
    teeproof_collateral_free(collateral);
    teeproof_policy_free(policy);
    EXPECT_OK(teeproof_comparison_to_json(other, &json, NULL));
    expect_says(json, "\"result\":\"unproven\"");
    teeproof_comparison_free(same);
    teeproof_comparison_free(swapped);
    teeproof_comparison_free(other);
    teeproof_comparison_free(alone);
    free(root.data);
    free(policy_file.data);
    free(files[0].data);
    free(files[1].data);
    free(files[2].data);
    return 0;
}
