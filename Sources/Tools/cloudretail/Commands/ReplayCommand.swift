import ArgumentParser
import Workload

/// `cloudretail replay`
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a shop's past orders against a node.",
        discussion: """
            Reads an order history with the columns InvoiceNo, StockCode, Description, Quantity, UnitPrice and \
            CustomerID, \
            creates its products, receives its stock, and places every sales invoice as one order. Cancellations \
            (invoices that begin with C) are counted and skipped; a row that cannot be an order line is reported and \
            left \
            out. Every request has a key of its own, so a replay may be broken off and run again.
            """)

    @Argument(help: "The history: .csv, or .csv.gz.")
    var file: String

    @OptionGroup var gateway: GatewayOptions

    @Option(
        help: ArgumentHelp(
            "The stock to sell from: the units of the history exactly, or a share of them as in short:0.9.",
            valueName: "exact|short:S"),
        transform: ReplayCommand.stockPlan)
    var stock = StockPlan.exact

    @Option(help: "Orders under way at once.")
    var concurrency = 32

    @Option(help: "Replay only the first invoices of the file, with the stock for all; a later run goes on from there.")
    var limit: Int?

    @Option(help: ArgumentHelp("How long to go on sending a request that gets no answer.", valueName: "seconds"))
    var patience = 120

    @Option(help: ArgumentHelp("How long to wait until everything placed is fulfilled.", valueName: "seconds"))
    var settle = 120

    @Flag(help: "Print the report as JSON.")
    var json = false

    private static func stockPlan(_ text: String) throws -> StockPlan {
        guard let plan = StockPlan(text) else {
            throw ValidationError("The stock is \"exact\" or a share such as \"short:0.9\", not \"\(text)\".")
        }
        return plan
    }

    func validate() throws {
        guard (1...4096).contains(concurrency) else {
            throw ValidationError("The concurrency lies between 1 and 4096.")
        }
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("The limit is above zero.") }
        guard (1...86_400).contains(patience), (1...86_400).contains(settle) else {
            throw ValidationError("Waiting times lie between 1 and 86400 seconds.")
        }
    }

    func run() async throws {
        let status = StatusLine()
        let history = try OrderHistory.read(path: file)
        for rejection in history.rejections { status.print("rejected \(rejection)") }

        let options = Replay.Options(
            stock: stock, concurrency: concurrency, settleLimit: .seconds(settle), invoicesMax: limit)
        let report = try await gateway.withClient(patience: .seconds(patience), connections: concurrency) { client in
            try await Replay(history: history, options: options, client: client, status: status).run()
        }
        print(json ? try report.json() : report.text)
        guard report.succeeded else { throw ExitCode.failure }
    }
}
