// Judges one quote with the C++ wrapper: verify QUOTE COLLATERAL POLICY AT, where AT is in seconds
// since 1970.
//
//     c++ -std=c++17 verify.cpp $(pkg-config --cflags --libs teeproof) -o verify
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "teeproof.hpp"

static std::string read_file(const char *path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

int main(int argc, char **argv) {
    if (argc != 5) {
        std::cerr << "usage: verify QUOTE COLLATERAL POLICY AT\n";
        return 2;
    }
    try {
        const std::string quote_file = read_file(argv[1]), collateral_file = read_file(argv[2]);
        const auto quote = teeproof::Quote::parse(quote_file).value();
        const auto collateral = teeproof::Collateral::authenticate({collateral_file}).value();
        const auto policy = teeproof::Policy::parse(read_file(argv[3])).value();
        const auto options = teeproof::Options::as_of(std::stoull(argv[4]));
        const auto report = teeproof::verify(quote, collateral, policy, options).value();
        std::cout << report.headline() << '\n';
        if (const auto mrtd = report.measurement(TEEPROOF_MEASUREMENT_MRTD)) {
            std::cout << "MRTD " << mrtd->hex() << '\n';
        }
        return static_cast<int>(report.exit_code());
    } catch (const std::exception &exception) {
        std::cerr << exception.what() << '\n';
        return 7;
    }
}
