using EndToEnd.Host;

[assembly: AssemblyFixture(typeof(Lab))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
