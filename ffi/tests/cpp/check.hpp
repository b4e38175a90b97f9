// What the C++ programs of the tests share.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "teeproof.hpp"

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);           \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (false)

using File = std::vector<std::uint8_t>;

inline bool read_optional(const std::string &path, File &file) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        return false;
    }
    file.assign(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    return true;
}

inline File read_file(const std::string &path) {
    File file;
    if (!read_optional(path, file)) {
        std::fprintf(stderr, "no file %s\n", path.c_str());
        std::exit(1);
    }
    return file;
}

#endif
