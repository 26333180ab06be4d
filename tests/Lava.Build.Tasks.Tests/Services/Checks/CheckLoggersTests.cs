using Lava.Build.Diagnostics;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class CheckLoggersTests
{
    [TestMethod]
    [DataRow("", "")]
    [DataRow("console", "")]
    [DataRow("console;verbosity=detailed", "")]
    [DataRow("trx", "/results/me_host_2026-01-02_03_04_05.trx")]
    [DataRow("TRX;LogFileName=a.trx", "/results/a.trx")]
    [DataRow("trx;LogFileName=a", "/results/a.trx")]
    [DataRow("trx;logfilename=/elsewhere/a.trx", "/elsewhere/a.trx")]
    [DataRow("trx;LogFilePrefix=lab", "/results/lab_2026-01-02_03_04_05.trx")]
    public void A_logger_says_which_file_is_written(string logger, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', Read(logger).TrxFiles));

    [TestMethod]
    [DataRow("html")]
    [DataRow("trx;LogFileNme=a")]
    [DataRow("trx;LogFileName")]
    public void One_that_is_not_known_is_an_error(string logger)
    {
        Problem problem = Assert.ThrowsExactly<LavaException>(() => Read(logger)).Problems.Single();
        Assert.AreEqual("LAVA5097", problem.Code);
        Assert.Contains($"'{logger}'", problem.Text);
    }

    private static CheckLoggers Read(string logger) => CheckLoggers.Read([logger], "/results", "me", "host", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
}
