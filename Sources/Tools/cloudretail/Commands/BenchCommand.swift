import ArgumentParser
import Workload

/// `cloudretail bench`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a node under load.",
        discussion: """
            At a rate the load is open: requests start at fixed moments, whatever the node does, and latency counts \
            from \
            the moment a request ought to have started, so that a stall shows. At "max" it is closed: every connection \
            sends as soon as it has its answer.
            """,
        subcommands: [Prepare.self, Orders.self, Reads.self, HotSKU.self, BenchCeilingCommand.self])

    struct Prepare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create the SKUs BENCH-000001 and so on, at 9.99, with ample stock.")

        @OptionGroup var gateway: GatewayOptions

        @Option(help: "How many SKUs.")
        var skus = Bench.skusDefault

        func validate() throws {
            guard (2...Bench.skusMax).contains(skus) else {
                throw ValidationError("The number of SKUs lies between 2 and \(Bench.skusMax).")
            }
        }

        func run() async throws {
            let created = try await gateway.withBench { try await $0.prepare(skus: skus, status: StatusLine()) }
            print("Ready: \(skus.counted("SKU")); \(created) new")
        }
    }

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Orders of two lines on SKUs chosen at random.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var load: LoadOptions
        @OptionGroup var buyers: BuyerOptions

        func run() async throws { try await load.run(.orders, on: gateway, customers: buyers.customers) }
    }

    struct HotSKU: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hot-sku", abstract: "Orders of two lines, all on the SKU BENCH-000001.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var load: LoadOptions
        @OptionGroup var buyers: BuyerOptions

        func run() async throws { try await load.run(.hotSKU, on: gateway, customers: buyers.customers) }
    }

    struct Reads: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Products by id, chosen at random.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var load: LoadOptions

        func run() async throws { try await load.run(.reads, on: gateway, customers: 0) }
    }
}

/// Whose orders a load places.
struct BuyerOptions: ParsableArguments {
    @Option(help: "Spread the orders over so many customers; 0 places them for the token's own account.")
    var customers = 0

    func validate() throws {
        guard (0...10_000_000).contains(customers) else {
            throw ValidationError("Customers lie between 0 and 10000000.")
        }
    }
}

/// How hard and how long.
struct LoadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Requests per second, or \"max\" for as fast as the node answers.", valueName: "R|max"),
        transform: LoadOptions.pace)
    var rate: LoadPlan.Pace

    @Option(help: ArgumentHelp("How long.", valueName: "seconds"))
    var duration: Double

    @Option(help: "HTTP/1.1 connections, one request at a time on each.")
    var connections = 64

    @Flag(help: "Print the report as JSON.")
    var json = false

    private static func pace(_ text: String) throws -> LoadPlan.Pace {
        if text == "max" { return .closed }
        guard let perSecond = Double(text), perSecond > 0, perSecond <= 1_000_000 else {
            throw ValidationError(
                "The rate is \"max\" or a number of requests per second up to a million, not \"\(text)\".")
        }
        return .open(perSecond: perSecond)
    }

    func validate() throws {
        guard duration > 0, duration <= 86_400 else {
            throw ValidationError("The duration lies between 0 and 86400 seconds.")
        }
        guard (1...10_000).contains(connections) else { throw ValidationError("Connections lie between 1 and 10000.") }
    }

    func run(_ kind: Bench.Kind, on gateway: GatewayOptions, customers: Int) async throws {
        let plan = LoadPlan(pace: rate, duration: .seconds(duration), connections: connections)
        let report = try await gateway.withBench { try await $0.run(kind, plan: plan, customers: customers) }
        print(json ? try report.json() : report.text)
        guard report.failed == 0 else { throw ExitCode.failure }
    }
}

extension GatewayOptions {
    /// A preparation gives up after this; it is no test of patience.
    private static let benchPatience = Duration.seconds(60)

    fileprivate func withBench<Result: Sendable>(_ body: (Bench) async throws -> Result) async throws -> Result {
        let tokens = try TokenFile(path: tokenFile)
        return try await GatewayClient.with(
            addresses: addresses, tokens: tokens, trusting: trust.certificates(),
            patience: .init(limit: Self.benchPatience), connections: 8
        ) { client in
            try await body(Bench(client: client, tokens: tokens))
        }
    }
}
