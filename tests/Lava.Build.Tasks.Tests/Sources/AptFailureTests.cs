using Lava.Build.Diagnostics;
using Lava.Build.Sources;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class AptFailureTests
{
    private const string Own = "/cache/state/deb/host";

    [TestMethod]
    // What apt 2.6 says, the code, and the path that is named.
    [DataRow("E: Failed to fetch http://a.example/./Packages  Error writing to file - write (28: No space left on device) [IP: 127.0.0.1 80]", "LAVA9003", Own)]
    [DataRow("E: Write error - write (28: No space left on device)\nE: IO Error saving source cache", "LAVA9003", Own)]
    [DataRow($"E: Could not create temporary file for {Own}/cache/pkgcache.bin - mkstemp (28: No space left on device)", "LAVA9003", Own)]
    [DataRow("E: Unable to mkstemp /tmp/fileutl.message.x - GetTempFile (28: No space left on device)", "LAVA9003", "/tmp/fileutl.message.x")]
    [DataRow("E: Write error - write (122: Disk quota exceeded)", "LAVA9003", Own)]
    [DataRow("E: You don't have enough free space in /somewhere/.", "LAVA9003", "/somewhere")]
    [DataRow($"E: List directory {Own}/lists/partial is missing. - Acquire (30: Read-only file system)", "LAVA9005", Own)]
    [DataRow($"E: Could not open file {Own}/lists/partial/x - open (13: Permission denied)", "LAVA9004", Own)]
    [DataRow("E: Failed to fetch http://a.example/b_1.deb  404  Not Found\nE: Write error - write (28: No space left on device)", "LAVA9003", Own)]
    public void What_the_file_system_refused_is_told_as_its_own(string error, string code, string path)
    {
        Problem refusal = AptFailure.Of(error, Own).Refusal!;
        Assert.AreEqual(code, refusal.Code);
        Assert.StartsWith($"'{path}' ", refusal.Text);
    }

    [TestMethod]
    [DataRow("E: Failed to fetch http://no-space-left-on-device.example/28/b_1.deb  404  Not Found [IP: 127.0.0.1 80]")]
    [DataRow("E: Unable to locate package no-space-left-on-device")]
    [DataRow("E: Version 'No space left on device' for 'b' was not found")]
    [DataRow("E: Failed to fetch http://a.example/b_1.deb  507  No space left on device [IP: 127.0.0.1 80]")]
    [DataRow("E: Failed to fetch http://a.example/b_1.deb  507  x - write (28: No space left on device) [IP: 127.0.0.1 80]")]
    [DataRow("E: Failed to fetch http://a.example/x%20-%20write%20(28:%20No%20space)  404  Not Found")]
    [DataRow("E: Failed to fetch copy:/mirror/Packages  Could not open file /mirror/Packages - open (13: Permission denied)")]
    [DataRow("E: Failed to fetch http://a.example/Packages  Could not connect to a.example:80 (127.0.0.1). - connect (111: Connection refused)")]
    [DataRow("E: Failed to fetch http://a.example/Packages  Could not connect to a.example:80 - connect (1: Operation not permitted)")]
    [DataRow("W: Write error - write (28: No space left on device)")]
    [DataRow("E: Write error - write (99999999999: No space left on device)")]
    [DataRow("")]
    public void What_only_looks_like_it_stays_in_apts_words(string error) => Assert.IsNull(AptFailure.Of(error, Own).Refusal);

    [TestMethod]
    public void Only_what_is_said_of_a_package_counts_for_it()
    {
        const string Error = """
            E: Failed to fetch http://a.example/a_1.deb  404  Not Found
            E: Failed to fetch http://a.example/b_1.deb  Error writing to file - write (28: No space left on device)
            """;
        Assert.IsNull(AptFailure.Of(Error, Own, "/a_").Refusal);
        Assert.AreEqual("LAVA9003", AptFailure.Of(Error, Own, "/b_").Refusal!.Code);
        Assert.AreEqual("LAVA9003", AptFailure.Of(Error, Own, "/c_").Refusal!.Code);
    }
}
