namespace KernelForge.Runtime.Tests;

public sealed class ProcessorTopologyTests
{
    [Theory]
    [InlineData("0-3", new[] { 0, 1, 2, 3 })]
    [InlineData("\t0-1,4,6-7\n", new[] { 0, 1, 4, 6, 7 })]
    [InlineData("5", new[] { 5 })]
    [InlineData("", new int[0])]
    [InlineData("what", new int[0])]
    public void Lists_are_read_as_Linux_writes_them(string list, int[] numbers) => ProcessorTopology.ParseList(list).ShouldBe(numbers);

    // A processor of four cores with two threads each, numbered as most firmware does: i and i + 4 share a core.
    [Theory]
    [InlineData(8, "0-7", 4)] // all of it
    [InlineData(2, "0-7", 2)] // a quota of two processors is time for two cores
    [InlineData(2, "0-1", 2)] // two cores
    [InlineData(2, "0,4", 1)] // one core
    [InlineData(1, "4", 1)] // the second thread of a core alone
    [InlineData(3, "1,2,6", 2)]
    [InlineData(6, "2-7", 4)]
    public void Workers_are_distinct_cores_within_affinity_and_quota(int processors, string allowed, int workers) =>
        ProcessorTopology.DefaultWorkers(processors, allowed, processor => $"{processor % 4},{(processor % 4) + 4}\n").ShouldBe(workers);

    [Theory]
    [InlineData("0-3", 4)]
    [InlineData("", 4)]
    public void Where_nothing_is_known_of_cores_every_hardware_thread_counts(string allowed, int workers) =>
        ProcessorTopology.DefaultWorkers(4, allowed, _ => null).ShouldBe(workers);

    [Fact]
    public void Processors_that_could_be_plugged_in_are_no_cores() =>
        ProcessorTopology.DefaultWorkers(4, "0-127", processor => processor < 4 ? $"{processor % 2},{(processor % 2) + 2}" : null).ShouldBe(2);

    [Theory]
    [InlineData("0-7", new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData("2,4,6", new[] { 2, 4, 6 })]
    [InlineData("0,4,5", new[] { 0, 5, 4 })] // another core before the second thread of one
    [InlineData("0-127", new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    public void Threads_stay_on_distinct_cores_first(string allowed, int[] places) =>
        ProcessorTopology.Places(allowed, processor => processor < 8 ? $"{processor % 4},{(processor % 4) + 4}\n" : null).ShouldBe(places);

    [Fact]
    public void Here_there_is_at_least_one_and_not_more_than_the_process_may_use() =>
        ProcessorTopology.DefaultWorkers().ShouldBeInRange(1, Environment.ProcessorCount);
}
