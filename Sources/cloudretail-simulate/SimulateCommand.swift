import ArgumentParser
import Simulation

@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudretail-simulate",
        abstract: "Runs whole clusters in one thread, on virtual time, from one seed.")

    @Option(help: "The seed to run.")
    var seed: UInt64 = 1

    func run() throws {
        let world = World(Settings(seed: seed))
        print("seed \(seed) fingerprint \(world.fingerprint)")
    }
}
