using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class OptionalPropertyTests
{
    [TestMethod]
    [DataRow("", "", null)]
    [DataRow("2023.01-2", "amd64", null)]
    [DataRow("v1.2-3-gabc/topic", "kfreebsd-amd64", null)]
    [DataRow("../x", "", "LavaRevision")]
    [DataRow(".staging-1", "", "LavaRevision")]
    [DataRow("1 2", "", "LavaRevision")]
    [DataRow("1\n2", "", "LavaRevision")]
    [DataRow("", "../x", "LavaArchitecture")]
    [DataRow("", "AMD64", "LavaArchitecture")]
    [DataRow("", "-o", "LavaArchitecture")]
    public void Revision_and_architecture_are_checked(string revision, string architecture, string? wrong)
    {
        Problem[] problems = [.. PropertyChecks.CheckOptional(revision, architecture, "instance.proj")];
        Assert.HasCount(wrong is null ? 0 : 1, problems);
        Assert.IsTrue(wrong is null || (problems[0].Code == "LAVA1061" && problems[0].Text.Contains(wrong, StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("", true)]
    [DataRow("1", true)]
    [DataRow("100", true)]
    [DataRow("0", false)]
    [DataRow("101", false)]
    [DataRow("-5", false)]
    [DataRow("1.5", false)]
    [DataRow("1e1", false)]
    [DataRow(" 7", false)]
    [DataRow("99999999999999999999", false)]
    [DataRow("ten", false)]
    public void Numbers_are_checked(string value, bool good)
    {
        Problem[] problems = [.. PropertyChecks.CheckNumbers([("LavaX", value, 1, 100)], "instance.proj")];
        Assert.AreEqual(good ? "" : $"LAVA1061 The property LavaX is '{value}'. Give a whole number from 1 to 100.", string.Concat(problems.Select(problem => $"{problem.Code} {problem.Text}")));
    }
}
