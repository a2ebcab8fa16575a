import ArgumentParser
import Workload

/// `cloudretail import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring data into a node.", subcommands: [Catalogue.self])

    struct Catalogue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import products, prices and stock from a CSV file.",
            discussion: """
                One row is one variant. Columns, in any order:

                  sku          required, unique in the file
                  price        required, a decimal number such as 9.99
                  currency     required, an ISO 4217 code such as EUR
                  title        required on the first row of a product; a later row may give its variant another
                  handle       rows of one handle are variants of one product; empty: a product of its own
                  description, brand, category
                               of the product; later rows leave them empty or repeat them
                  image_urls   of the product, separated by |
                  attributes   colour=red|size=M; what all rows share belongs to the product, the rest to the variant
                  quantity     units to receive into stock
                  active       true or false, of the product; empty: true

                Rows that cannot be imported are printed with their number and the reason, the header being row 1; a \
                product is imported whole or not at all. An import that was broken off goes on where it was when it is \
                run again: it keeps what is done in FILE.progress until everything is imported. Products whose SKU the \
                node already has are left as they are.
                """)

        @Argument(help: "The catalogue: .csv, or .csv.gz.")
        var file: String

        @OptionGroup var gateway: GatewayOptions

        @Option(help: ArgumentHelp("How long to go on sending a request that gets no answer.", valueName: "seconds"))
        var patience = 120

        @Flag(help: "Print the report as JSON.")
        var json = false

        func validate() throws {
            guard (1...86_400).contains(patience) else {
                throw ValidationError("The patience lies between 1 and 86400 seconds.")
            }
        }

        func run() async throws {
            let report = try await gateway.withClient(patience: .seconds(patience), connections: 8) { client in
                try await CatalogueImport(path: file, client: client, status: StatusLine()).run()
            }
            print(json ? try report.json() : report.text)
            guard report.rowsRejected == 0 else { throw ExitCode.failure }
        }
    }
}
