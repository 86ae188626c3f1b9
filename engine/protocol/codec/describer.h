// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/codec/describe.h"
#include "engine/protocol/codec/json_writer.h"

namespace odradek::protocol {

/// The visitor behind FieldInfo: Kafka's type words follow from the C++ types. Only
/// codec/visitors.h uses it.
class Describer {
public:
    template <class S>
    static std::vector<FieldInfo> of() {
        Describer d;
        S fresh{};
        fresh.fields(d);
        return std::move(d.m_fields);
    }

    template <class T>
    void operator()(const char* name, const T& field, const Spec& spec) {
        FieldInfo info;
        info.name = name;
        info.spec = spec;
        typeOf(info, static_cast<const T*>(nullptr));
        JsonWriter json(kMaxVersion);
        json.value(field);
        info.defaultJson = json.finish();
        m_fields.push_back(std::move(info));
    }

private:
    static void typeOf(FieldInfo& i, const bool*) { i.type += "bool"; }
    static void typeOf(FieldInfo& i, const std::int8_t*) { i.type += "int8"; }
    static void typeOf(FieldInfo& i, const std::int16_t*) { i.type += "int16"; }
    static void typeOf(FieldInfo& i, const std::uint16_t*) { i.type += "uint16"; }
    static void typeOf(FieldInfo& i, const std::int32_t*) { i.type += "int32"; }
    static void typeOf(FieldInfo& i, const std::uint32_t*) { i.type += "uint32"; }
    static void typeOf(FieldInfo& i, const std::int64_t*) { i.type += "int64"; }
    static void typeOf(FieldInfo& i, const double*) { i.type += "float64"; }
    static void typeOf(FieldInfo& i, const Uuid*) { i.type += "uuid"; }
    static void typeOf(FieldInfo& i, const std::string*) { i.type += "string"; }
    static void typeOf(FieldInfo& i, const Bytes*) { i.type += "bytes"; }
    static void typeOf(FieldInfo& i, const Chain*) { i.type += "records"; }
    template <class T>
    static void typeOf(FieldInfo& i, const std::vector<T>*) {
        i.type += "[]";
        typeOf(i, static_cast<const T*>(nullptr));
    }
    template <class T>
    static void typeOf(FieldInfo& i, const std::optional<T>*) {
        i.canBeNull = true;
        typeOf(i, static_cast<const T*>(nullptr));
    }
    template <class S>
        requires requires(S& s, Describer& d) { s.fields(d); }
    static void typeOf(FieldInfo& i, const S*) {
        i.type += "struct";
        i.fields = of<S>();
    }

    std::vector<FieldInfo> m_fields;
};

}  // namespace odradek::protocol
