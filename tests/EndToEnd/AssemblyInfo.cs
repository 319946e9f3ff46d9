[assembly: AssemblyFixture(typeof(EndToEnd.Host.Lab))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
