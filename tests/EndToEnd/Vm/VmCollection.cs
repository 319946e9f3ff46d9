namespace EndToEnd.Vm;

/// <summary>The tests that boot: they share the disk that they start from.</summary>
[CollectionDefinition("virtual machine")]
public sealed class VmCollection : ICollectionFixture<VmDisk>;
