import StepTesting
import Testing
import Upgrades

@Suite("The wire form of the steps of upgrades") struct StepFormTests {
    private let forms = StepForms(of: StepSample.all, in: UpgradeSteps.all, sources: "Sources/Shop/Upgrades")

    @Test("is what it was") func golden() throws { try forms.expectGolden() }

    @Test("is golden with each optional field") func fields() { forms.expectFields() }

    @Test("ends where its last field does") func lengths() { forms.expectExactLengths() }

    @Test("is golden for every step of this target, and each is in the table")
    func complete() throws { try forms.expectComplete() }
}
