// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace odradek {

/// What kind of failure an Error is. A new code is added only where some caller reacts differently.
enum class ErrorCode {
    Invalid,      ///< the input breaks a rule (bad frame, bad option, bad record batch)
    Truncated,    ///< the input ends before what it announces
    Unsupported,  ///< known, but not served in this version or build
    NotFound,
    Exists,
    Corrupt,      ///< stored bytes fail their checksum or their order
    Io,           ///< the operating system said no; the message has its words
    NoSpace,
    Refused,      ///< a rule of the program forbids it now
    Timeout,
    Closed,
};

/// One clear error: a code to act on and one line for people. A value; free to copy and to send.
struct Error {
    ErrorCode code = ErrorCode::Invalid;
    std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// Shorthand for `std::unexpected(Error{...})`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}

}  // namespace odradek

/// Evaluates to the value of a Result, or returns its error from the enclosing function.
/// For Result<void>, use TRY_OK.
#define TRY(expression)                                                    \
    __extension__({                                                        \
        auto&& tryResult = (expression);                                   \
        if (!tryResult)                                                    \
            return std::unexpected(std::move(tryResult).error());          \
        std::move(tryResult).value();                                      \
    })

/// Returns the error of a Result<void> from the enclosing function, if there is one.
#define TRY_OK(expression)                                                 \
    do {                                                                   \
        if (auto tryResult = (expression); !tryResult)                     \
            return std::unexpected(std::move(tryResult).error());          \
    } while (false)
