using Support;

[assembly: TestCollectionOrderer(typeof(Order))]
[assembly: TestMethodOrderer(typeof(Order))]
[assembly: TestCaseOrderer(typeof(Order))]
