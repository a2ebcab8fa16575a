import CloudAdapters
import Foundation
import Gateway
import Logging
import ServiceLifecycle

/// The event bus that the configuration names, and what has to run beside it.
struct ConfiguredEventBus: Sendable {
    let bus: EventBridgeBus
    let service: any Service

    /// - Throws: why the bus cannot be asked: no region, or an address that is none.
    init(_ settings: NodeConfiguration.EventBusSettings, logger: Logger) throws {
        let cloud = try NodeConfiguration.Unusable.unless(NodeConfiguration.eventBus) {
            try CloudSettings(
                .events, environment: ProcessInfo.processInfo.environment, region: settings.region,
                endpoint: settings.endpoint)
        }
        let bus = EventBridgeBus(named: settings.name, cloud, clock: Engine.now, logger: logger) { event, hasData in
            event.cloudEvent(hasData: hasData)
        }
        self.bus = bus
        service = EventBusConnection(bus: bus)
    }
}

/// Closes the connections to the bus once no event is told any more.
private struct EventBusConnection: Service {
    let bus: EventBridgeBus

    func run() async throws {
        try? await gracefulShutdown()
        await bus.shutdown()
    }
}
