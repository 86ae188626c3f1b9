// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workload/scenario.h"

#include <array>

namespace odradek::workload {

std::span<const TopicInfo> topics() {
    static constexpr std::array<TopicInfo, 10> kTopics{{
        {"new_orders", 3, true},
        {"payment_transactions", 3, true},
        {"products_manufactured", 3, true},
        {"shipping_ready", 3, true},
        {"products_shipped", 3, true},
        {"shipping_updates", 3, true},
        {"order_status_updates", 3, true},
        {"customer_reviews", 3, true},
        {"customer_returns", 3, true},
        {"user_clicks", 3, false},
    }};
    return kTopics;
}

std::span<const ApplicationInfo> applications() {
    static const std::array<ApplicationInfo, 7> kApplications{{
        {Application::OrderService, "OrderService", "order-service",
         {"new_orders", "order_status_updates"},
         {"payment_transactions", "shipping_updates"}},
        {Application::PaymentService, "PaymentService", "payment-service", {"payment_transactions"}, {"new_orders"}},
        {Application::Manufacturing, "Manufacturing", "manufacturing", {"products_manufactured"},
         {"new_orders", "payment_transactions"}},
        {Application::FulfillmentService, "FulfillmentService", "fulfillment-service",
         {"products_shipped", "shipping_updates"},
         {"shipping_ready"}},
        {Application::ShippingService, "ShippingService", "shipping-service", {"shipping_ready"},
         {"new_orders", "payment_transactions", "products_manufactured"}},
        {Application::Marketing, "Marketing", "marketing", {"user_clicks", "customer_reviews"},
         {"user_clicks", "new_orders", "customer_reviews"}},
        {Application::Returns, "Returns", "returns", {"customer_returns"}, {"customer_returns", "shipping_updates"}},
    }};
    return kApplications;
}

std::string_view nameOf(Application application) {
    return applications()[static_cast<std::size_t>(application)].name;
}

}  // namespace odradek::workload
