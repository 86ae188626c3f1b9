// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace odradek {

/// Ends the process after printing where and why an invariant broke, with the context set by
/// setCheckContext (the simulator's seed and step). In the simulator a handler may turn it into a violation.
[[noreturn]] void checkFailed(const char* expression, const char* file, int line, std::string_view why);

/// Called instead of ending the process when an invariant breaks on this thread; must not return (it may throw: the
/// simulator turns a broken invariant into a violation). Null = print and abort. Returns the one before.
using CheckHandler = void (*)(const std::string& message);
CheckHandler setCheckHandler(CheckHandler handler);

/// Text printed with a failed check on this thread, such as "seed 17 step 40211".
void setCheckContext(std::string context);

}  // namespace odradek

/// An invariant that stays on in every build. `why` says in words what must hold.
#define ODRADEK_CHECK(condition, why)                                          \
    do {                                                                       \
        if (!(condition)) [[unlikely]]                                         \
            ::odradek::checkFailed(#condition, __FILE__, __LINE__, (why));     \
    } while (false)
