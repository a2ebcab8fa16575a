import ArgumentParser
import CloudAdapters
import Gateway
import Workload

/// `cloudretail storefront`
struct StorefrontCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storefront", abstract: "Put the shop's and the console's files elsewhere.",
        subcommands: [Publish.self])

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the files into a bucket of S3, with the headers that browsers are to be served with.",
            discussion: """
                Pages come after everything that they load, and what older pages load stays. Beside each file lie its \
                compressed forms, FILE.br and FILE.gz. Region, credentials and AWS_ENDPOINT_URL come from the \
                environment.
                """)

        @Option(name: .customLong("from"), help: "The folder that tools/storefront build made.")
        var folder: String

        @Option(help: "Where they go: s3://BUCKET, or s3://BUCKET/PREFIX.")
        var to: String

        @Option(
            name: .customLong("gateway"),
            help: "The origin of a node, for pages that are served from elsewhere; repeated for each.")
        var gateways: [String] = []

        func validate() throws { _ = try location(of: "index.html") }

        func run() async throws {
            let files = try Storefront(folder: folder, gateways: gateways).storedFiles
            var written = 0
            try await S3Client.with { s3 in
                for file in files where try await put(file, into: s3) { written += 1 }
            }
            print("\(files.count.counted("file")), \(written) of them written")
        }

        /// - Returns: whether it was not there already.
        private func put(_ file: StoredFile, into s3: S3Client) async throws -> Bool {
            let head = S3ObjectHead(
                contentType: file.type, cacheControl: file.cacheControl, contentEncoding: file.coding)
            do {
                try await s3.put(file.content, to: try location(of: file.path), head, replacing: !file.isPermanent)
                return true
            } catch CloudFailure.alreadyThere where file.isPermanent {
                return false
            }
        }

        private func location(of path: String) throws -> S3Location {
            let base = to.hasSuffix("/") ? to : to + "/"
            guard let location = S3Location(base + path) else {
                throw ValidationError("--to takes s3://BUCKET or s3://BUCKET/PREFIX.")
            }
            return location
        }
    }
}
