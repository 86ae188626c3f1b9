// SPDX-License-Identifier: GPL-3.0-or-later
// usage: fuzz_protocol_seeds DIR: writes DIR/<family>/<number> for each seed, as a corpus for the
// fuzzers.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/protocol/entries/entries.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: fuzz_protocol_seeds DIR\n");
        return 2;
    }
    for (const auto& family : odradek::fuzz::families()) {
        const auto folder = std::filesystem::path(argv[1]) / family.name;
        std::filesystem::create_directories(folder);
        std::size_t number = 0;
        for (const auto& seed : family.seeds()) {
            std::ofstream out(folder / std::to_string(number++), std::ios::binary);
            out.write(reinterpret_cast<const char*>(seed.data()),
                      static_cast<std::streamsize>(seed.size()));
            if (!out) {
                std::fprintf(stderr, "fuzz_protocol_seeds: cannot write to %s\n", folder.c_str());
                return 1;
            }
        }
    }
    return 0;
}
