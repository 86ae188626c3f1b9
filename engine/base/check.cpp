// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace odradek {
namespace {
thread_local std::string t_context;
thread_local CheckHandler t_handler = nullptr;
}

void setCheckContext(std::string context) { t_context = std::move(context); }

CheckHandler setCheckHandler(CheckHandler handler) { return std::exchange(t_handler, handler); }

void checkFailed(const char* expression, const char* file, int line, std::string_view why) {
    if (t_handler != nullptr)
        t_handler("invariant broken: " + std::string(why) + " (" + expression + ") at " + file + ":" +
                  std::to_string(line));
    std::fprintf(stderr, "odradek: invariant broken: %.*s (%s) at %s:%d%s%s\n", static_cast<int>(why.size()),
                 why.data(), expression, file, line, t_context.empty() ? "" : ", ", t_context.c_str());
    std::fflush(stderr);
    std::abort();
}

}  // namespace odradek
