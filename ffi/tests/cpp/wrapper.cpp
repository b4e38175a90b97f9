// The C++ wrapper, with exceptions and without: this program is compiled both ways.
#include <type_traits>

#include "check.hpp"

static_assert(!std::is_copy_constructible_v<teeproof::Report>);
static_assert(std::is_nothrow_move_constructible_v<teeproof::Report>);

static void a_failure() {
    auto failed = teeproof::Quote::parse("nonsense");
    EXPECT(!failed.ok() && !failed && failed.error() != nullptr);
    EXPECT(failed.error()->result == TEEPROOF_RESULT_UNREADABLE);
    EXPECT(!failed.error()->message.empty());
#ifndef TEEPROOF_NO_EXCEPTIONS
    bool thrown = false;
    try {
        (void)failed.value();
    } catch (const teeproof::Exception &exception) {
        thrown = exception.result() == TEEPROOF_RESULT_UNREADABLE &&
                 std::string(exception.what()) == failed.error()->message;
    }
    EXPECT(thrown);
#endif
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    const std::string folder = std::string(argv[1]) + "/real/tdx-v4";
    const File quote_file = read_file(folder + "/quote.bin");
    const File collateral_file = read_file(folder + "/collateral.json");
    const File policy_file = read_file(folder + "/policy.toml");
    a_failure();

    auto quote = teeproof::Quote::parse(quote_file).value();
    auto collateral = teeproof::Collateral::authenticate({collateral_file}).value();
    auto policy = teeproof::Policy::parse(policy_file).value();
    const auto options = teeproof::Options::as_of(1751000000);
    auto report = teeproof::verify(quote, collateral, policy, options).value();
    EXPECT(collateral.count() == 1);
    EXPECT(report.verdict() == TEEPROOF_VERDICT_GENUINE && !report.simulates());
    EXPECT(report.exit_code() == 3);
    EXPECT(report.headline().find("GENUINE, NOT PINNED") != std::string_view::npos);
    EXPECT(report.tcb_status() == "UpToDate");
    EXPECT(report.digest() && report.digest()->size() == 32);
    EXPECT(report.digest()->hex().size() == 64);
    EXPECT(report.measurement(TEEPROOF_MEASUREMENT_MRTD) ==
           teeproof::Bytes(quote_file.data() + 184, 48));
    EXPECT(!report.measurement(TEEPROOF_MEASUREMENT_MR_ENCLAVE));
    EXPECT(report.checks().size() > 40);
    EXPECT(report.outcome(TEEPROOF_CHECK_QUOTE_SIGNATURE) == TEEPROOF_OUTCOME_PASSED);
    EXPECT(!report.outcome(9999));
    EXPECT(report.check_text(TEEPROOF_CHECK_QUOTE_SIGNATURE, TEEPROOF_CHECK_TEXT_ID) ==
           "quote.signature");
    EXPECT(!report.check_text(TEEPROOF_CHECK_QUOTE_SIGNATURE, TEEPROOF_CHECK_TEXT_REASON));
    EXPECT(report.to_json().value().find("\"verdict\":\"genuine\"") != std::string::npos);
    EXPECT(report.check_value(TEEPROOF_CHECK_TCB_STATUS, TEEPROOF_CHECK_VALUE_FOUND)
               .value()
               .find("UpToDate") != std::string::npos);

    // A handle that was moved from holds nothing, and that is a result and no crash.
    auto moved = std::move(report);
    EXPECT(moved.verdict() == TEEPROOF_VERDICT_GENUINE);
    EXPECT(report.verdict() == TEEPROOF_VERDICT_INCONCLUSIVE && report.headline().empty());

    // The strict default, a pin, no instant, and a comparison of one.
    const teeproof::Policy strict;
    EXPECT(!strict.digest() && policy.digest());
    EXPECT(strict.explain().ok());
    auto pinned = policy.pinned(TEEPROOF_PIN_REPORT_DATA, File(64)).value();
    EXPECT(teeproof::verify(quote, collateral, pinned, options).value().verdict() ==
           TEEPROOF_VERDICT_REJECTED);
    EXPECT(teeproof::verify(quote, policy, options).value().verdict() ==
           TEEPROOF_VERDICT_INCONCLUSIVE);
    auto undated = teeproof::verify(quote, collateral, policy, teeproof::Options());
    EXPECT(undated.error()->result == TEEPROOF_RESULT_UNKNOWN_NUMBER);
    auto comparison = teeproof::compare({&quote, &quote}, &collateral, policy, options).value();
    EXPECT(comparison.sameness() != TEEPROOF_SAMENESS_SAME_CODE);
    EXPECT(comparison.digest() && !comparison.headline().empty());

    auto bundle = teeproof::Quote::assemble({quote_file, collateral_file}).value().to_bundle();
    auto again = teeproof::Quote::parse(bundle.value()).value();
    EXPECT(teeproof::verify(again, policy, options).value().digest() == moved.digest());
    EXPECT(quote.inspect().value().find("\"trusted\":false") != std::string::npos);
    EXPECT(teeproof::call("checks", "").value().find("quote.signature") != std::string::npos);
    EXPECT(teeproof::compose_hash("{}").value().size() == 32);
    EXPECT(teeproof::version() == TEEPROOF_VERSION);
    return 0;
}
