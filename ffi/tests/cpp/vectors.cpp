// The list of c/vectors.c, through the C++ wrapper: without a memory, and with one that has seen all
// the cases before.
#include <sstream>

#include "check.hpp"

static std::vector<File> numbered(const std::string &stem) {
    std::vector<File> files;
    File file;
    while (read_optional(stem + std::to_string(files.size()), file)) {
        files.push_back(file);
    }
    return files;
}

static void judged(const std::string &name, const teeproof::Report &report,
                   const std::string &verdict, const std::string &digest) {
    static const char *const verdicts[] = {"",          "trusted",  "genuine",
                                           "simulated", "rejected", "inconclusive"};
    const std::string found = report.digest().value_or(teeproof::Bytes()).hex();
    if (verdicts[report.verdict()] != verdict || found != digest) {
        std::fprintf(stderr, "%s: %s %s and not %s %s\n", name.c_str(),
                     verdicts[report.verdict()], found.c_str(), verdict.c_str(), digest.c_str());
        std::exit(1);
    }
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    const std::string root = argv[1];
    std::ifstream list(root + "/list.tsv");
    std::string line;
    unsigned cases = 0;
    const auto memory = teeproof::Memory::of_bytes(4 << 20).value();
    while (std::getline(list, line)) {
        std::istringstream fields(line);
        std::string name, at, rule, verdict, digest;
        std::getline(fields, name, '\t');
        std::getline(fields, at, '\t');
        std::getline(fields, rule, '\t');
        std::getline(fields, verdict, '\t');
        std::getline(fields, digest, '\t');
        const std::string folder = root + "/" + name + "/";
        const auto parts = numbered(folder + "part-"), files = numbered(folder + "collateral-");
        File anchor, challenge;
        (void)read_optional(folder + "root.der", anchor);
        auto options = teeproof::Options::as_of(std::stoull(at));
        options.root = anchor;
        if (read_optional(folder + "challenge", challenge)) {
            options.challenge = challenge;
            options.challenge_rule = rule;
        }
        const auto policy = teeproof::Policy::parse(read_file(folder + "policy.toml")).value();
        std::vector<teeproof::Bytes> own(parts.begin(), parts.end()), all(own);
        const std::vector<teeproof::Bytes> endorsements(files.begin(), files.end());
        all.insert(all.end(), endorsements.begin(), endorsements.end());
        const auto whole = teeproof::Quote::assemble(all).value();
        judged(name, teeproof::verify(whole, policy, options).value(), verdict, digest);
        judged(name, teeproof::verify(whole, policy, options, memory).value(), verdict, digest);
        auto collateral = teeproof::Collateral::authenticate(endorsements, anchor);
        if (collateral.ok()) {
            const auto bare = teeproof::Quote::assemble(own).value();
            judged(name, teeproof::verify(bare, collateral.value(), policy, options).value(),
                   verdict, digest);
            judged(name, teeproof::verify(bare, collateral.value(), policy, options, memory).value(),
                   verdict, digest);
        }
        cases++;
    }
    EXPECT(cases > 0);
    std::printf("%u cases\n", cases);
    return 0;
}
