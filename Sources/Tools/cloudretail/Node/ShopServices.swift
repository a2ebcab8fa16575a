import Accounts
import ActorSystem
import Catalogue
import Checkout
import CloudAdapters
import Gateway
import Inventory
import Logging
import ServiceLifecycle
import Upgrades
import Webhooks

/// The shop on an engine, with everything that runs beside it.
struct ShopServices {
    let shop: Shop
    let views: ShopViews
    let payments: GuardedPaymentProvider
    /// Nil where the provider is no payment simulator.
    let faultSwitches: (any PaymentFaultSwitches)?
    /// What the node takes from its peers.
    let steps: StepTable
    let services: [any Service]
    let duties: LeaderDuties
    /// nil for a shop without one.
    let eventBus: EventBridgeBus?
    let webhooks: WebhookAccess
    let webhookHealth = WebhookHealth()

    private static let steps =
        AccountSteps.all + CatalogueSteps.all + CheckoutSteps.all + InventorySteps.all + UpgradeSteps.all

    /// Of all that a node takes from its peers.
    static let stepNumbers = steps.map(\.number) + Checkout.procedureNumbers

    init(
        _ configuration: NodeConfiguration, payment: ConfiguredPayment, engine: Engine,
        versions: ClusterVersionService, logger: Logger
    ) async throws {
        let shards = engine.shards
        var services = payment.services
        payments = GuardedPaymentProvider(payment.provider, policy: payment.policy)
        faultSwitches = payment.faultSwitches
        let floors = RetentionFloors()
        views = try await ShopViews(
            shards: shards, index: .file(configuration.dataDirectory + "/search.sqlite"), floors: floors,
            clock: Engine.now, logger: logger)
        let prices = views.prices
        let checkout = Checkout(
            shards: shards, prices: prices, payments: payments, clock: Engine.now, random: Engine.random)
        steps = StepTable(Self.steps + checkout.procedures)
        services += views.services
        var duties: [any LeaderDuty] = [
            InventoryConsumer(shards: shards, floors: floors, clock: Engine.now),
            SalesConsumer(shards: shards, prices: prices, floors: floors, clock: Engine.now),
            Reconciler(checkout, logger: logger),
            ClusterVersionDuty(gate: engine.gate, members: versions.members, clock: Engine.now),
        ]
        let told = try configuration.eventBus.map { try ConfiguredEventBus($0, logger: logger) }
        eventBus = told?.bus
        if let told {
            services.append(told.service)
            duties.append(EventPublisher(told.bus, shards: shards, floors: floors, clock: Engine.now))
        }
        let sender = HTTPWebhookSender(
            opensPrivate: configuration.webhooks.opensPrivate, clock: Engine.now, logger: logger)
        webhooks = WebhookAccess(sender: sender, opensPrivate: configuration.webhooks.opensPrivate)
        services.append(WebhookConnections(sender: sender))
        duties.append(
            WebhookDispatcher(
                sender, health: webhookHealth, schedule: configuration.webhooks.schedule, shards: shards,
                floors: floors, clock: Engine.now
            ) { $0.cloudEvent() })
        let leaderDuties = LeaderDuties(duties, of: shards, logger: logger)
        services.append(leaderDuties)
        if engine.calls != nil { services.append(LogReleaseService(shards: shards, floors: floors)) }
        self.duties = leaderDuties
        shop = Shop(
            shards: shards, checkout: checkout, prices: prices, priceFollower: views.priceFollower, clock: Engine.now,
            random: Engine.random)
        self.services = services + [shop.freshness]
    }
}
