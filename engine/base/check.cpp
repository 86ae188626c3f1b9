// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace odradek {
namespace {
thread_local std::string t_context;
}

void setCheckContext(std::string context) { t_context = std::move(context); }

void checkFailed(const char* expression, const char* file, int line, std::string_view why) {
    std::fprintf(stderr, "odradek: invariant broken: %.*s (%s) at %s:%d%s%s\n", static_cast<int>(why.size()),
                 why.data(), expression, file, line, t_context.empty() ? "" : ", ", t_context.c_str());
    std::fflush(stderr);
    std::abort();
}

}  // namespace odradek
