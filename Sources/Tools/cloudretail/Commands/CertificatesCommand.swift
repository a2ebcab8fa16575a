import ArgumentParser
import NodeCertificates
import Workload

/// `cloudretail certificates`: what the nodes of a cluster know each other by.
struct CertificatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates", abstract: "Make the certificates of a cluster's nodes.",
        subcommands: [Create.self, Renew.self])

    struct Options: ParsableArguments {
        @Option(name: .customLong("base-dir"), help: "The directory of authority.pem, node-N.pem and their keys.")
        var directory: String

        @Option(help: "The numbers of the nodes, as in 1,2,3.")
        var nodes: String

        @Option(name: .customLong("valid-days"), help: "How long the certificates of the nodes are good for.")
        var validDays = 365

        /// Refuses what is no number of a node.
        func numbers() throws -> [UInt64] {
            try nodes.split(separator: ",", omittingEmptySubsequences: false).map { text in
                guard let number = UInt64(text), number > 0 else {
                    throw ValidationError("--nodes is a list of numbers from 1 on, as in 1,2,3.")
                }
                return number
            }
        }

        var validity: NodeCertificates.Validity {
            get throws {
                guard validDays > 0 else { throw ValidationError("--valid-days is at least 1.") }
                var validity = NodeCertificates.Validity()
                validity.node = Double(validDays) * 86_400
                return validity
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an authority, and a certificate for each node. What is there stays as it is.")

        @OptionGroup var options: Options

        func run() throws {
            try NodeCertificates.create(
                in: options.directory, nodes: options.numbers(), validity: options.validity)
        }
    }

    struct Renew: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make new certificates for nodes, with the keys that they have. Running nodes take them up.")

        @OptionGroup var options: Options

        func run() throws {
            let numbers = try options.numbers()
            try NodeCertificates.renew(in: options.directory, nodes: numbers, validity: options.validity)
            let names = numbers.map { "node \($0)" }.joined(separator: ", ")
            print("New certificates, good for \(options.validDays.counted("day")): \(names)")
        }
    }
}
