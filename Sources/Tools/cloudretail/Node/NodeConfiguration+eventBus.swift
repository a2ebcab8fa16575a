/// The settings of a node that tells a bus of the shop's events.
extension NodeConfiguration {
    /// A bus of EventBridge.
    struct EventBusSettings: Sendable, Equatable {
        /// Its name, or what identifies it across accounts.
        var name: String
        /// nil takes the environment's.
        var region: String?
        /// nil takes the environment's, or the region's own.
        var endpoint: String?
    }

    static let eventBus = Setting(
        "event-bus", default: "",
        "The bus of Amazon EventBridge that is told of every event, such as `default`; the same on every node. Empty: "
            + "none. Credentials come from where AWS's own tools find them.")
    static let eventBusRegion = Setting(
        "event-bus-region", default: "", "The region of `event-bus`. Empty: as AWS_REGION says.")
    static let eventBusEndpoint = Setting(
        "event-bus-endpoint", default: "", isSecret: true,
        "Where the service of `event-bus` is. Empty: as AWS_ENDPOINT_URL says, or the region's own.")

    static let eventBusTable = [eventBus, eventBusRegion, eventBusEndpoint]

    /// A setting of the bus, and no bus.
    struct EventBusUnnamed: WrongSetting {
        let name: String
        var description: String { "\(name) goes with \(eventBus.name) (\(eventBus.variable)), which is empty." }
    }

    /// - Returns: nil for a shop without a bus.
    static func eventBus(_ text: (Setting) -> String) throws -> EventBusSettings? {
        func optional(_ setting: Setting) -> String? { text(setting).isEmpty ? nil : text(setting) }
        guard let name = optional(eventBus) else {
            let given = eventBusTable.first { optional($0) != nil }
            if let given { throw EventBusUnnamed(name: given.name) }
            return nil
        }
        // Source: "PutEventsRequestEntry", Amazon EventBridge API reference.
        guard name.utf8.count <= 1_600, name.wholeMatch(of: /[A-Za-z0-9.\-_\/:]+/) != nil else {
            throw Invalid(setting: eventBus, value: name)
        }
        return EventBusSettings(
            name: name, region: optional(eventBusRegion), endpoint: optional(eventBusEndpoint))
    }
}
