/*
 * teeproof for C++17: handles that free themselves, over teeproof.h, in one header.
 *
 * What can fail returns a teeproof::Result. `value()` gives the value, or throws teeproof::Exception;
 * in programs without exceptions (-fno-exceptions, or TEEPROOF_NO_EXCEPTIONS defined) it aborts
 * there, so they ask `ok()` first. A quote that is rejected is no failure: it is a Report whose
 * verdict says no.
 *
 * Handles move and are not copied. None but a Memory changes once it is made, and threads may share
 * them all. Views (std::string_view, Bytes) live as long as the object they came from.
 */
#ifndef TEEPROOF_HPP
#define TEEPROOF_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "teeproof.h"

#if !defined(TEEPROOF_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define TEEPROOF_NO_EXCEPTIONS
#endif
#ifndef TEEPROOF_NO_EXCEPTIONS
#include <stdexcept>
#endif

namespace teeproof {

/** Bytes that belong to somebody else. */
class Bytes {
public:
    constexpr Bytes() noexcept = default;
    constexpr Bytes(const std::uint8_t *data, std::size_t size) noexcept
        : data_(data), size_(size) {}
    Bytes(const std::vector<std::uint8_t> &bytes) noexcept : Bytes(bytes.data(), bytes.size()) {}
    Bytes(std::string_view text) noexcept
        : Bytes(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()) {}
    Bytes(const std::string &text) noexcept : Bytes(std::string_view(text)) {}
    Bytes(const char *text) noexcept : Bytes(std::string_view(text)) {}

    constexpr const std::uint8_t *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const std::uint8_t *begin() const noexcept { return data_; }
    constexpr const std::uint8_t *end() const noexcept { return data_ + size_; }

    /** The bytes as the C interface takes them. */
    teeproof_slice slice() const noexcept { return teeproof_slice{data_, size_}; }

    /** As lower-case hex. */
    std::string hex() const {
        static constexpr char digits[] = "0123456789abcdef";
        std::string text;
        text.reserve(2 * size_);
        for (std::uint8_t byte : *this) {
            text.push_back(digits[byte >> 4]);
            text.push_back(digits[byte & 15]);
        }
        return text;
    }

    friend bool operator==(Bytes left, Bytes right) noexcept {
        if (left.size_ != right.size_) {
            return false;
        }
        for (std::size_t at = 0; at < left.size_; at++) {
            if (left.data_[at] != right.data_[at]) {
                return false;
            }
        }
        return true;
    }
    friend bool operator!=(Bytes left, Bytes right) noexcept { return !(left == right); }

private:
    const std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
};

/** Why a call failed. */
struct Error {
    /** The number of it. */
    teeproof_result result;
    /** One sentence. */
    std::string message;
};

#ifndef TEEPROOF_NO_EXCEPTIONS
/** What `value()` of a failure throws. */
class Exception : public std::runtime_error {
public:
    explicit Exception(const Error &error)
        : std::runtime_error(error.message), result_(error.result) {}
    teeproof_result result() const noexcept { return result_; }

private:
    teeproof_result result_;
};
#endif

/** A value, or why there is none. */
template <class T> class [[nodiscard]] Result {
public:
    Result(T value) : either_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : either_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return either_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    /** Why there is no value; null if there is one. */
    const Error *error() const noexcept { return std::get_if<1>(&either_); }

    T &value() & {
        demand();
        return *std::get_if<0>(&either_);
    }
    const T &value() const & {
        demand();
        return *std::get_if<0>(&either_);
    }
    T value() && {
        demand();
        return std::move(*std::get_if<0>(&either_));
    }

private:
    void demand() const {
        if (!ok()) {
#ifdef TEEPROOF_NO_EXCEPTIONS
            std::abort();
#else
            throw Exception(*error());
#endif
        }
    }

    std::variant<T, Error> either_;
};

namespace detail {

/** The sentence of a failed call, whose error is freed here. */
inline Error failure(teeproof_result result, teeproof_error *error) {
    Error why{result, {}};
    teeproof_str text{nullptr, 0};
    if (teeproof_error_message(error, &text) == TEEPROOF_RESULT_OK ||
        teeproof_result_word(result, &text) == TEEPROOF_RESULT_OK) {
        why.message.assign(text.data, text.len);
    }
    teeproof_error_free(error);
    return why;
}

template <class T, void (*Free)(T *)> struct Deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

template <class T, void (*Free)(T *)> using Handle = std::unique_ptr<T, Deleter<T, Free>>;

/** Calls what makes a handle, and puts it into its class. */
template <class Class, class T, class Call> Result<Class> make(Call call) {
    T *handle = nullptr;
    teeproof_error *error = nullptr;
    const teeproof_result result = call(&handle, &error);
    if (result != TEEPROOF_RESULT_OK) {
        return failure(result, error);
    }
    return Class(handle);
}

/** Calls what makes a text, and copies it. */
template <class Call> Result<std::string> make_text(Call call) {
    teeproof_text *text = nullptr;
    teeproof_error *error = nullptr;
    const teeproof_result result = call(&text, &error);
    if (result != TEEPROOF_RESULT_OK) {
        return failure(result, error);
    }
    const Handle<teeproof_text, teeproof_text_free> held(text);
    teeproof_str value{nullptr, 0};
    (void)teeproof_text_get(text, &value);
    return std::string(value.data, value.len);
}

/** Something lent, if it is there. */
template <class Call> std::optional<std::string_view> lent_text(Call call) {
    teeproof_str text{nullptr, 0};
    if (call(&text) != TEEPROOF_RESULT_OK) {
        return std::nullopt;
    }
    return std::string_view(text.data, text.len);
}

template <class Call> std::optional<Bytes> lent_bytes(Call call) {
    teeproof_slice bytes{nullptr, 0};
    if (call(&bytes) != TEEPROOF_RESULT_OK) {
        return std::nullopt;
    }
    return Bytes(bytes.data, bytes.len);
}

inline std::vector<teeproof_slice> slices(const std::vector<Bytes> &all) {
    std::vector<teeproof_slice> out;
    out.reserve(all.size());
    for (const Bytes &one : all) {
        out.push_back(one.slice());
    }
    return out;
}

} // namespace detail

/** A quote, with whatever else one machine gave. See `teeproof_quote`. */
class Quote {
public:
    /** Takes over a handle. */
    explicit Quote(teeproof_quote *handle) noexcept : handle_(handle) {}

    static Result<Quote> parse(Bytes input) {
        return detail::make<Quote, teeproof_quote>([&](auto **out, auto **error) {
            return teeproof_quote_parse(input.data(), input.size(), out, error);
        });
    }
    static Result<Quote> assemble(const std::vector<Bytes> &parts) {
        const auto all = detail::slices(parts);
        return detail::make<Quote, teeproof_quote>([&](auto **out, auto **error) {
            return teeproof_quote_new(all.data(), all.size(), out, error);
        });
    }
    Result<std::string> inspect() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_quote_inspect(get(), out, error);
        });
    }
    Result<std::string> to_bundle() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_quote_to_bundle(get(), out, error);
        });
    }
    const teeproof_quote *get() const noexcept { return handle_.get(); }

private:
    detail::Handle<teeproof_quote, teeproof_quote_free> handle_;
};

/** Collateral, authenticated once for many quotes. See `teeproof_collateral`. */
class Collateral {
public:
    /** Takes over a handle. */
    explicit Collateral(teeproof_collateral *handle) noexcept : handle_(handle) {}

    /** Under Intel's root, or under a test root in DER. */
    static Result<Collateral> authenticate(const std::vector<Bytes> &files, Bytes root = {}) {
        const auto all = detail::slices(files);
        return detail::make<Collateral, teeproof_collateral>([&](auto **out, auto **error) {
            return teeproof_collateral_new(all.data(), all.size(), root.data(), root.size(), out,
                                           error);
        });
    }
    std::size_t count() const noexcept {
        std::size_t count = 0;
        (void)teeproof_collateral_count(get(), &count);
        return count;
    }
    Result<std::string> inspect() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_collateral_inspect(get(), out, error);
        });
    }
    const teeproof_collateral *get() const noexcept { return handle_.get(); }

private:
    detail::Handle<teeproof_collateral, teeproof_collateral_free> handle_;
};

/** What a verdict accepts. One that holds nothing is the strict default. See `teeproof_policy`. */
class Policy {
public:
    Policy() noexcept = default;
    /** Takes over a handle. */
    explicit Policy(teeproof_policy *handle) noexcept : handle_(handle) {}

    static Result<Policy> parse(Bytes text) {
        return detail::make<Policy, teeproof_policy>([&](auto **out, auto **error) {
            return teeproof_policy_parse(text.data(), text.size(), out, error);
        });
    }
    /** This policy, narrowed. */
    Result<Policy> pinned(teeproof_pin pin, Bytes value) const {
        return detail::make<Policy, teeproof_policy>([&](auto **out, auto **error) {
            return teeproof_policy_pin(get(), pin, value.data(), value.size(), out, error);
        });
    }
    Result<std::string> explain() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_policy_explain(get(), out, error);
        });
    }
    /** Of the strict default: nothing. */
    std::optional<Bytes> digest() const noexcept {
        return detail::lent_bytes(
            [&](auto *out) { return teeproof_policy_digest(get(), out); });
    }
    const teeproof_policy *get() const noexcept { return handle_.get(); }

private:
    detail::Handle<teeproof_policy, teeproof_policy_free> handle_;
};

/** What verdicts have established about exact bytes, for those after. See `teeproof_memory`. */
class Memory {
public:
    /** Takes over a handle. */
    explicit Memory(teeproof_memory *handle) noexcept : handle_(handle) {}

    /** Holds so many bytes at most, about. One of none keeps nothing. See `teeproof_memory_new`. */
    static Result<Memory> of_bytes(std::size_t bytes) {
        return detail::make<Memory, teeproof_memory>([&](auto **out, auto **error) {
            return teeproof_memory_new(bytes, out, error);
        });
    }
    const teeproof_memory *get() const noexcept { return handle_.get(); }

private:
    detail::Handle<teeproof_memory, teeproof_memory_free> handle_;
};

/** What decides a verdict beside evidence, collateral and policy. See `teeproof_options`. */
struct Options {
    /** Seconds since 1970. */
    std::uint64_t at = 0;
    /** Whose word the instant is. There is no default. */
    std::uint32_t instant = 0;
    std::uint32_t flags = 0;
    std::string_view name = {};
    Bytes root = {};
    Bytes challenge = {};
    std::string_view challenge_rule = {};
    Bytes tls_key = {};

    /** As of the present, read from a clock by the caller. */
    static Options now(std::uint64_t at) { return with(at, TEEPROOF_INSTANT_CLOCK); }
    /** As of an instant of the caller's choice. */
    static Options as_of(std::uint64_t at) { return with(at, TEEPROOF_INSTANT_GIVEN); }
    /** As of the instant at which the evidence says it was captured. */
    static Options as_captured() { return with(0, TEEPROOF_INSTANT_CAPTURED); }

    teeproof_options raw() const noexcept {
        teeproof_options options = TEEPROOF_OPTIONS_INIT;
        options.at = at;
        options.instant = instant;
        options.flags = flags;
        options.name = Bytes(name).slice();
        options.root = root.slice();
        options.challenge = challenge.slice();
        options.challenge_rule = Bytes(challenge_rule).slice();
        options.tls_key = tls_key.slice();
        return options;
    }

private:
    static Options with(std::uint64_t at, std::uint32_t instant) {
        Options options;
        options.at = at;
        options.instant = instant;
        return options;
    }
};

/** A verdict and all it rests on. See `teeproof_report`. */
class Report {
public:
    /** Takes over a handle. */
    explicit Report(teeproof_report *handle) noexcept : handle_(handle) {}

    teeproof_verdict verdict() const noexcept {
        teeproof_verdict verdict = TEEPROOF_VERDICT_INCONCLUSIVE;
        (void)teeproof_report_verdict(get(), &verdict);
        return verdict;
    }
    std::optional<teeproof_verdict> simulates() const noexcept {
        teeproof_verdict verdict = TEEPROOF_VERDICT_INCONCLUSIVE;
        if (teeproof_report_simulates(get(), &verdict) != TEEPROOF_RESULT_OK) {
            return std::nullopt;
        }
        return verdict;
    }
    std::uint32_t exit_code() const noexcept {
        std::uint32_t code = 6;
        (void)teeproof_report_exit_code(get(), &code);
        return code;
    }
    std::string_view headline() const noexcept {
        return text([&](auto *out) { return teeproof_report_headline(get(), out); });
    }
    std::string_view engines() const noexcept {
        return text([&](auto *out) { return teeproof_report_engines(get(), out); });
    }
    Result<std::string> to_json() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_report_to_json(get(), out, error);
        });
    }
    std::optional<std::string_view> tcb_status() const noexcept {
        return detail::lent_text(
            [&](auto *out) { return teeproof_report_tcb_status(get(), out); });
    }
    std::optional<Bytes> digest() const noexcept {
        return detail::lent_bytes([&](auto *out) { return teeproof_report_digest(get(), out); });
    }
    std::optional<Bytes> measurement(teeproof_measurement which) const noexcept {
        return detail::lent_bytes(
            [&](auto *out) { return teeproof_report_measurement(get(), which, out); });
    }
    /** The numbers of all checks, in the order of the report. */
    std::vector<std::uint32_t> checks() const {
        std::vector<std::uint32_t> numbers;
        std::uint32_t number = 0;
        while (teeproof_report_check_number(get(), numbers.size(), &number) ==
               TEEPROOF_RESULT_OK) {
            numbers.push_back(number);
        }
        return numbers;
    }
    /** Nothing if there is no such check. */
    std::optional<teeproof_outcome> outcome(std::uint32_t check) const noexcept {
        teeproof_outcome outcome = TEEPROOF_OUTCOME_NOT_REQUESTED;
        if (teeproof_report_check_outcome(get(), check, &outcome) != TEEPROOF_RESULT_OK) {
            return std::nullopt;
        }
        return outcome;
    }
    std::optional<std::string_view> check_text(std::uint32_t check,
                                               teeproof_check_text which) const noexcept {
        return detail::lent_text(
            [&](auto *out) { return teeproof_report_check_text(get(), check, which, out); });
    }
    /** What a check found or expected, as JSON. */
    Result<std::string> check_value(std::uint32_t check, teeproof_check_value which) const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_report_check_value(get(), check, which, out, error);
        });
    }
    const teeproof_report *get() const noexcept { return handle_.get(); }

private:
    template <class Call> static std::string_view text(Call call) noexcept {
        return detail::lent_text(call).value_or(std::string_view());
    }

    detail::Handle<teeproof_report, teeproof_report_free> handle_;
};

/** What several instances are to each other. See `teeproof_comparison`. */
class Comparison {
public:
    /** Takes over a handle. */
    explicit Comparison(teeproof_comparison *handle) noexcept : handle_(handle) {}

    teeproof_sameness sameness() const noexcept {
        teeproof_sameness sameness = TEEPROOF_SAMENESS_UNPROVEN;
        (void)teeproof_comparison_sameness(get(), &sameness);
        return sameness;
    }
    std::uint32_t exit_code() const noexcept {
        std::uint32_t code = 6;
        (void)teeproof_comparison_exit_code(get(), &code);
        return code;
    }
    std::string_view headline() const noexcept {
        return detail::lent_text([&](auto *out) {
                   return teeproof_comparison_headline(get(), out);
               })
            .value_or(std::string_view());
    }
    Result<std::string> to_json() const {
        return detail::make_text([&](auto **out, auto **error) {
            return teeproof_comparison_to_json(get(), out, error);
        });
    }
    std::optional<Bytes> digest() const noexcept {
        return detail::lent_bytes(
            [&](auto *out) { return teeproof_comparison_digest(get(), out); });
    }
    const teeproof_comparison *get() const noexcept { return handle_.get(); }

private:
    detail::Handle<teeproof_comparison, teeproof_comparison_free> handle_;
};

/** Judges evidence with the collateral it brings. See `teeproof_verify`. */
inline Result<Report> verify(const Quote &quote, const Policy &policy, const Options &options) {
    const teeproof_options raw = options.raw();
    return detail::make<Report, teeproof_report>([&](auto **out, auto **error) {
        return teeproof_verify(quote.get(), nullptr, policy.get(), &raw, out, error);
    });
}

/** Judges evidence with collateral that was authenticated before. See `teeproof_verify`. */
inline Result<Report> verify(const Quote &quote, const Collateral &collateral,
                             const Policy &policy, const Options &options) {
    const teeproof_options raw = options.raw();
    return detail::make<Report, teeproof_report>([&](auto **out, auto **error) {
        return teeproof_verify(quote.get(), collateral.get(), policy.get(), &raw, out, error);
    });
}

/**
 * Judges evidence with the collateral it brings, and a memory: the verdict is the one without, and
 * costs less for a platform that was seen. See `teeproof_verify_remembering`.
 */
inline Result<Report> verify(const Quote &quote, const Policy &policy, const Options &options,
                             const Memory &memory) {
    const teeproof_options raw = options.raw();
    return detail::make<Report, teeproof_report>([&](auto **out, auto **error) {
        return teeproof_verify_remembering(quote.get(), nullptr, policy.get(), &raw, memory.get(),
                                           out, error);
    });
}

/** The same with collateral that was authenticated before. See `teeproof_verify_remembering`. */
inline Result<Report> verify(const Quote &quote, const Collateral &collateral,
                             const Policy &policy, const Options &options, const Memory &memory) {
    const teeproof_options raw = options.raw();
    return detail::make<Report, teeproof_report>([&](auto **out, auto **error) {
        return teeproof_verify_remembering(quote.get(), collateral.get(), policy.get(), &raw,
                                           memory.get(), out, error);
    });
}

/** Compares instances. `collateral` may be null. See `teeproof_compare`. */
inline Result<Comparison> compare(const std::vector<const Quote *> &quotes,
                                  const Collateral *collateral, const Policy &policy,
                                  const Options &options) {
    const teeproof_options raw = options.raw();
    std::vector<const teeproof_quote *> handles;
    handles.reserve(quotes.size());
    for (const Quote *quote : quotes) {
        handles.push_back(quote == nullptr ? nullptr : quote->get());
    }
    return detail::make<Comparison, teeproof_comparison>([&](auto **out, auto **error) {
        return teeproof_compare(handles.data(), handles.size(),
                                collateral == nullptr ? nullptr : collateral->get(), policy.get(),
                                &raw, out, error);
    });
}

/** The universal door. See `teeproof_call`. */
inline Result<std::string> call(std::string_view operation, std::string_view request) {
    const Bytes name(operation), json(request);
    return detail::make_text([&](auto **out, auto **error) {
        return teeproof_call(name.data(), name.size(), json.data(), json.size(), out, error);
    });
}

/** SHA-256 of an app-compose exactly as it is. See `teeproof_compose_hash`. */
inline Result<std::vector<std::uint8_t>> compose_hash(Bytes app_compose) {
    std::vector<std::uint8_t> hash(32);
    teeproof_error *error = nullptr;
    const teeproof_result result = teeproof_compose_hash(app_compose.data(), app_compose.size(),
                                                         hash.data(), hash.size(), &error);
    if (result != TEEPROOF_RESULT_OK) {
        return detail::failure(result, error);
    }
    return hash;
}

/** The version of the library. */
inline std::string_view version() noexcept {
    return detail::lent_text([](auto *out) { return teeproof_version(out); })
        .value_or(std::string_view());
}

} // namespace teeproof

#endif
