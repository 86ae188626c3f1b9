// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace odradek::workload {

/// Writes one JSON object into a string, member by member, without building a tree: fifty thousand a second are cheap.
class JsonText {
public:
    explicit JsonText(std::string& out) : m_out(out) { m_out += '{'; }
    JsonText& text(std::string_view name, std::string_view value);
    JsonText& number(std::string_view name, std::int64_t value);
    /// An amount in cents as a decimal with two places: 12550 is 125.50.
    JsonText& cents(std::string_view name, std::int64_t value);
    /// Milliseconds since 1970 as the guide writes time: "2024-07-25T10:00:00Z".
    JsonText& time(std::string_view name, std::int64_t wallMs);
    /// A member whose value is already JSON.
    JsonText& raw(std::string_view name, std::string_view json);
    void close() { m_out += '}'; }

private:
    void begin(std::string_view name);
    std::string& m_out;
    bool m_first = true;
};

/// Reads JSON from anybody, so it trusts nothing: every call says whether the text was what was asked for, depth is
/// bounded, and after a failure all further calls fail.
class JsonScan {
public:
    explicit JsonScan(std::string_view text) : m_text(text) {}

    /// Calls `member(name)` for each member of the object that begins here; it must read the value (or skip it).
    template <class F>
    bool object(F&& member) {
        if (!take('{'))
            return false;
        if (take('}'))
            return true;
        do {
            std::string name;
            if (!string(name) || !take(':') || !member(name))
                return fail();
        } while (take(','));
        return take('}') || fail();
    }
    /// Calls `element()` for each element of the array that begins here.
    template <class F>
    bool array(F&& element) {
        if (!take('['))
            return false;
        if (take(']'))
            return true;
        do {
            if (!element())
                return fail();
        } while (take(','));
        return take(']') || fail();
    }
    bool string(std::string& value);
    /// A number's integral part; the rest of it is passed over.
    bool integer(std::int64_t& value);
    bool skip(int depth = 0);

private:
    bool take(char c);
    void blanks();
    bool fail() {
        m_failed = true;
        return false;
    }
    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_failed = false;
};

}  // namespace odradek::workload
