import ArgumentParser
import Testing

@testable import cloudretail

@Suite("Wrong usage of the command line") struct UsageLineTests {
    private func said(_ arguments: String...) throws -> String? {
        do {
            _ = try CloudRetail.parseAsRoot(arguments)
            return nil
        } catch {
            #expect(CloudRetail.exitCode(for: error) == .validationFailure)
            return CloudRetail.usageLine(CloudRetail.fullMessage(for: error))
        }
    }

    @Test("is told in one line, with where the right one stands")
    func line() throws {
        let help = "See 'cloudretail cluster up --help'."
        #expect(
            try said("cluster", "up", "--base-dir", "x", "--bogus")
                == "Error: Unknown option '--bogus'. Did you mean '--nodes'? \(help)")
        #expect(
            try said("cluster", "up", "--base-dir", "x", "--nodes", "0")
                == "Error: A cluster has 1 to 7 nodes. \(help)")
        #expect(
            try said("import", "catalogue", "a.csv", "--url", "http://a", "--token-file", "t", "--keep-variants")
                == "Error: --keep-variants goes with --update. See 'cloudretail import catalogue --help'.")
        #expect(try said("cluster", "up") == "Error: Missing expected argument '--base-dir <base-dir>'. \(help)")
    }
}
