using EndToEnd.Host;

[assembly: AssemblyFixture(typeof(Lab))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: TestCollectionOrderer(typeof(Order))]
[assembly: TestMethodOrderer(typeof(Order))]
[assembly: TestCaseOrderer(typeof(Order))]
