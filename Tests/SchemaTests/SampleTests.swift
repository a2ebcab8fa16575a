import EventSourcing
import StepTesting
import Testing

/// The golden bytes show that a field is kept only where a sample has it.
@Suite struct SampleTests {
    @Test func everyOptionalFieldIsThereInOneSampleAndAbsentInAnother() {
        for samples in allSamples {
            let census = census(of: samples)
            #expect(census.absent.subtracting(census.present) == [], "\(samples.name)")
            #expect(census.present.subtracting(census.absent).subtracting(Self.required) == [], "\(samples.name)")
        }
    }

    /// A total that does not fit is refused before it is written.
    private static let required: Set = ["Content.total"]

    private func census<S: Samples>(of _: S.Type) -> FieldCensus {
        var census = FieldCensus()
        for (_, event) in S.events { census.take(event) }
        for (_, state) in S.states { census.take(state) }
        return census
    }
}
