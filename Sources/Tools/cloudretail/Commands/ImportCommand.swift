import ArgumentParser
import Gateway
import Workload

/// `cloudretail import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring data into a node.", subcommands: [Catalogue.self])

    struct Catalogue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import products, prices and stock from a CSV file.",
            discussion: """
                One row is one variant. Columns, in any order; a file with others is refused:

                  sku          required, unique in the file
                  price        required, a decimal number such as 9.99
                  currency     required, an ISO 4217 code such as EUR
                  title        required on the first row of a product; a later row may give its variant another
                  handle       rows of one handle are variants of one product; empty: a product of its own
                  description, brand, category
                               of the product; later rows leave them empty or repeat them
                  image_urls   of the product, separated by |
                  attributes   colour=red|size=M; what all rows share belongs to the product, the rest to the variant
                  quantity     units of a SKU whose stock has never moved
                  active       true or false, of the product; empty: true

                Every row that is not in the catalogue afterwards is printed with its number and the reason, the \
                header being row 1, and the command then fails. A product is imported whole or not at all: a row that \
                cannot be read keeps out the product that it may belong to. An import that was broken off, or whose \
                file was corrected, is simply run again: what is there is left as it is, what is missing is added, and \
                SKUs whose stock has never moved get their quantity.

                With --update products that are there become what the file says: prices, titles and the other texts, \
                variants, active; and the stock of each SKU becomes its quantity. What a row leaves out, as a column \
                or an empty quantity or active, stays. A variant that has no row leaves its product, unless \
                --keep-variants is there too: a file of a few variants then changes these alone. Each change is \
                printed; --dry-run prints and changes nothing.
                """)

        @Argument(help: "The catalogue: .csv, or .csv.gz.")
        var file: String

        @OptionGroup var gateway: GatewayOptions

        @Option(help: ArgumentHelp("How long to go on sending a request that gets no answer.", valueName: "seconds"))
        var patience = 120

        @Flag(help: "Bring products that are there up to the file.")
        var update = false

        @Flag(help: "With --update: keep the variants of a product that have no row in the file.")
        var keepVariants = false

        @Flag(help: "Print what would be done, and do nothing.")
        var dryRun = false

        @Flag(help: "Print the report as JSON.")
        var json = false

        func validate() throws {
            guard (1...86_400).contains(patience) else {
                throw ValidationError("The patience lies between 1 and 86400 seconds.")
            }
            guard update || !keepVariants else { throw ValidationError("--keep-variants goes with --update.") }
        }

        func run() async throws {
            let report = try await gateway.withClient(patience: .seconds(patience), connections: 8) { client in
                let status = StatusLine()
                // Standard output is the report's when that is JSON.
                let tell: @Sendable (String) -> Void = { [json] line in
                    status.clear()
                    if json { status.print(line) } else { print(line) }
                }
                let options = CatalogueImport.Options(
                    updates: update, keepsVariants: keepVariants,
                    dryRun: dryRun ? .init(problem: ProductCheck.problem(with:)) : nil)
                return try await CatalogueImport(
                    path: file, client: client, status: status, options: options, tell: tell
                ).run()
            }
            print(json ? try report.json() : report.text)
            guard report.rowsRejected == 0 else { throw ExitCode.failure }
        }
    }
}
