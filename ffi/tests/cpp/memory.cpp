// A memory from C++: whatever it has seen, every report is the one without. With exceptions and
// without, as the wrapper is.
#include <thread>
#include <type_traits>

#include "check.hpp"

static_assert(!std::is_copy_constructible_v<teeproof::Memory>);
static_assert(std::is_nothrow_move_constructible_v<teeproof::Memory>);

using teeproof::Bytes;
using teeproof::Memory;
using teeproof::Options;
using teeproof::Policy;
using teeproof::Quote;
using teeproof::Report;

static teeproof_verdict equal(const Report &with, const Report &without) {
    EXPECT(with.digest() && with.digest() == without.digest());
    EXPECT(with.to_json().value() == without.to_json().value());
    return with.verdict();
}

/* The verdict with the memory, which has to be the one without. */
static teeproof_verdict same(const std::vector<Bytes> &parts, const Policy &policy,
                             const Options &options, const Memory &memory) {
    const auto quote = Quote::assemble(parts).value();
    return equal(teeproof::verify(quote, policy, options, memory).value(),
                 teeproof::verify(quote, policy, options).value());
}

static File altered(File file, std::size_t place) {
    file.at(place) ^= 1;
    return file;
}

static std::string replaced(std::string text, const std::string &from, const std::string &to) {
    const auto place = text.find(from);
    EXPECT(place != std::string::npos);
    return text.replace(place, from.size(), to);
}

struct Sample {
    File quote;
    std::string collateral;
    Policy policy;
};

static Sample open_sample(const std::string &folder) {
    const File collateral = read_file(folder + "/collateral.json");
    return {read_file(folder + "/quote.bin"), std::string(collateral.begin(), collateral.end()),
            Policy::parse(read_file(folder + "/policy.toml")).value()};
}

/* Each after the good evidence, so that all that can be remembered is. */
static void bad_after_good(const Sample &one, const Memory &memory) {
    const auto now = Options::as_of(1751000000), late = Options::as_of(1751000000 + 40 * 86400);
    const std::vector<Bytes> good{one.quote, one.collateral};
    EXPECT(same(good, one.policy, now, memory) == TEEPROOF_VERDICT_GENUINE);
    EXPECT(same(good, one.policy, now, memory) == TEEPROOF_VERDICT_GENUINE);
    // The TD's report, the signature over it, the quoting enclave's report and the one over that.
    for (std::size_t place : {48u, 200u, 567u, 640u, 900u, 1160u}) {
        EXPECT(same({altered(one.quote, place), one.collateral}, one.policy, now, memory) ==
               TEEPROOF_VERDICT_REJECTED);
    }
    // TCB info, QE identity and their signatures.
    for (const auto &[from, to] : std::vector<std::pair<std::string, std::string>>{
             {"2025-06-19T10:16:03Z", "2025-06-19T10:16:04Z"},
             {"2025-06-19T10:32:27Z", "2025-06-19T10:32:28Z"},
             {"027ef6ca41bac64e", "127ef6ca41bac64e"},
             {"d6d709840544c26e", "c6d709840544c26e"},
         }) {
        const std::string spoiled = replaced(one.collateral, from, to);
        EXPECT(same({one.quote, spoiled}, one.policy, now, memory) == TEEPROOF_VERDICT_REJECTED);
    }
    // What was remembered is no collateral for a quote that brings none, and the instant and the
    // policy are judged every time.
    EXPECT(same({one.quote}, one.policy, now, memory) == TEEPROOF_VERDICT_INCONCLUSIVE);
    EXPECT(same(good, one.policy, late, memory) == TEEPROOF_VERDICT_INCONCLUSIVE);
    const auto pinned = one.policy.pinned(TEEPROOF_PIN_REPORT_DATA, File(64)).value();
    EXPECT(same(good, pinned, now, memory) == TEEPROOF_VERDICT_REJECTED);
    EXPECT(same(good, one.policy, now, memory) == TEEPROOF_VERDICT_GENUINE);
}

/* What was authentic under a test root is not so under Intel's. */
static void another_root(const std::string &folder, const Memory &memory) {
    const Sample forged = open_sample(folder);
    const File root = read_file(folder + "/root.der");
    std::vector<File> files;
    for (const char *name : {"event-log.json", "app-compose.json", "vm-config.json"}) {
        files.push_back(read_file(folder + "/" + name));
    }
    std::vector<Bytes> parts(files.begin(), files.end());
    parts.push_back(forged.quote);
    parts.push_back(forged.collateral);
    // As declared in expect.toml.
    auto intel = Options::as_of(1751328000);
    intel.challenge = "a challenge of the forge";
    intel.challenge_rule = "sha512";
    auto test = intel, stale = intel;
    test.root = stale.root = root;
    stale.challenge = "another";
    EXPECT(same(parts, forged.policy, test, memory) == TEEPROOF_VERDICT_SIMULATED);
    EXPECT(same(parts, forged.policy, intel, memory) == TEEPROOF_VERDICT_REJECTED);
    EXPECT(same(parts, forged.policy, stale, memory) == TEEPROOF_VERDICT_REJECTED);
    EXPECT(same(parts, forged.policy, test, memory) == TEEPROOF_VERDICT_SIMULATED);
}

static void shared_collateral(const Sample &one, const Memory &memory) {
    const auto options = Options::as_of(1751000000);
    const auto collateral = teeproof::Collateral::authenticate({one.collateral}).value();
    const auto judge = [&](const File &bytes) {
        const auto quote = Quote::parse(bytes).value();
        return equal(teeproof::verify(quote, collateral, one.policy, options, memory).value(),
                     teeproof::verify(quote, collateral, one.policy, options).value());
    };
    for (int round = 0; round < 2; round++) {
        EXPECT(judge(one.quote) == TEEPROOF_VERDICT_GENUINE);
        EXPECT(judge(altered(one.quote, 200)) == TEEPROOF_VERDICT_REJECTED);
        EXPECT(judge(altered(one.quote, 900)) == TEEPROOF_VERDICT_REJECTED);
    }
}

static void threads(const Sample &one) {
    const auto memory = Memory::of_bytes(1 << 20).value();
    const auto options = Options::as_of(1751000000);
    const File bad = altered(one.quote, 900);
    std::vector<std::thread> all;
    for (int worker = 0; worker < 4; worker++) {
        all.emplace_back([&, worker] {
            for (int round = 0; round < 4; round++) {
                const bool good = (worker + round) % 2 == 0;
                EXPECT(same({good ? one.quote : bad, one.collateral}, one.policy, options,
                            memory) ==
                       (good ? TEEPROOF_VERDICT_GENUINE : TEEPROOF_VERDICT_REJECTED));
            }
        });
    }
    for (std::thread &thread : all) {
        thread.join();
    }
}

/* Failures of the call are those without a memory, and a memory that was moved from is none. */
static void refusals(const Sample &one) {
    auto memory = Memory::of_bytes(1 << 20).value();
    const auto quote = Quote::assemble({one.quote, one.collateral}).value();
    const auto options = Options::as_of(1751000000);
    const auto undated = teeproof::verify(quote, one.policy, Options(), memory);
    EXPECT(undated.error() != nullptr &&
           undated.error()->result == TEEPROOF_RESULT_UNKNOWN_NUMBER);
    auto unlawful = options;
    unlawful.root = "no certificate";
    const auto rootless = teeproof::verify(quote, one.policy, unlawful, memory);
    EXPECT(rootless.error() != nullptr && rootless.error()->result == TEEPROOF_RESULT_ROOT);

    const auto collateral = teeproof::Collateral::authenticate({one.collateral}).value();
    const Memory moved = std::move(memory);
    EXPECT(moved.get() != nullptr && memory.get() == nullptr);
    EXPECT(teeproof::verify(quote, one.policy, options, moved).ok());
    for (const auto &refused : {teeproof::verify(quote, one.policy, options, memory),
                                teeproof::verify(quote, collateral, one.policy, options, memory)}) {
        EXPECT(refused.error() != nullptr);
        EXPECT(refused.error()->result == TEEPROOF_RESULT_NULL_POINTER);
        EXPECT(!refused.error()->message.empty());
    }
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    const std::string fixtures = argv[1];
    const Sample one = open_sample(fixtures + "/real/tdx-v4");
    // A memory of no bytes is one that keeps nothing.
    for (std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20}) {
        const auto memory = Memory::of_bytes(limit).value();
        bad_after_good(one, memory);
        another_root(fixtures + "/forged/tdx-v4", memory);
        shared_collateral(one, memory);
        bad_after_good(one, memory);
    }
    threads(one);
    refusals(one);
    return 0;
}
