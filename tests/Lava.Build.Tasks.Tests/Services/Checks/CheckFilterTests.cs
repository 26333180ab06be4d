using Lava.Build.Diagnostics;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class CheckFilterTests
{
    private static readonly string[] Names = ["home page", "login page", "database", "a|b (c)"];

    [TestMethod]
    [DataRow("", "home page, login page, database, a|b (c)")]
    [DataRow("  ", "home page, login page, database, a|b (c)")]
    [DataRow("page", "home page, login page")]
    [DataRow("PAGE", "home page, login page")]
    [DataRow("sample.home", "home page")]
    [DataRow("Name=database", "database")]
    [DataRow("name = Database", "database")]
    [DataRow("Name=page", "")]
    [DataRow("DisplayName~page", "home page, login page")]
    [DataRow("Name!=database", "home page, login page, a|b (c)")]
    [DataRow("Name!~page", "database, a|b (c)")]
    [DataRow("FullyQualifiedName=sample.database", "database")]
    [DataRow("FullyQualifiedName~sample", "home page, login page, database, a|b (c)")]
    [DataRow("Name~home|Name~login", "home page, login page")]
    [DataRow("Name~page&Name!~home", "login page")]
    [DataRow("Name~home|Name~page&Name!~home", "home page, login page")]
    [DataRow("(Name~home|Name~page)&Name!~home", "login page")]
    [DataRow("( (Name=database) )", "database")]
    [DataRow("home|database", "home page, database")]
    [DataRow(@"Name=a\|b \(c\)", "a|b (c)")]
    [DataRow(@"Name~\(", "a|b (c)")]
    public void A_filter_lets_through_what_dotnet_test_would(string filter, string expected)
    {
        CheckFilter read = new(filter);
        Assert.AreEqual(expected, string.Join(", ", Names.Where(name => read.Matches("sample", new CheckDescription { Name = name }))));
    }

    [TestMethod]
    [DataRow("(Name=a", "'(' is not closed")]
    [DataRow("Name=a)", "')' closes nothing")]
    [DataRow("Name=a|", "a condition is missing")]
    [DataRow("&Name=a", "a condition is missing")]
    [DataRow("()", "a condition is missing")]
    [DataRow("=a", "'=' stands without a name before it")]
    [DataRow("Nmae=a", "checks have no 'Nmae'. Did you mean 'Name'?")]
    [DataRow("TestCategory=Slow", "checks have no 'TestCategory'. Known: FullyQualifiedName, Name, DisplayName")]
    public void What_is_malformed_is_told_with_the_filter_and_the_reason(string filter, string reason)
    {
        Problem problem = Assert.ThrowsExactly<LavaException>(() => new CheckFilter(filter)).Problems.Single();
        Assert.AreEqual("LAVA5092", problem.Code);
        Assert.Contains($"'{filter}'", problem.Text);
        Assert.Contains(reason, problem.Text);
    }
}
