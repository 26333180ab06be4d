using System.Text;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class OutputLinesTests
{
    [TestMethod]
    public void Lines_are_whole_however_they_come()
    {
        List<string> lines = [];
        OutputLines output = new(lines.Add);
        foreach (byte letter in Encoding.UTF8.GetBytes("é€\n\r\n\nlast"))
        {
            output.Add([letter]);
        }

        CollectionAssert.AreEqual(new[] { "é€", "", "" }, lines);
        output.End();
        Assert.AreEqual("last", lines[^1]);
    }

    [TestMethod]
    public void A_line_without_an_end_is_broken()
    {
        List<string> lines = [];
        OutputLines output = new(lines.Add);
        output.Add(new byte[200_000]);
        Assert.HasCount(3, lines);
        Assert.IsTrue(lines.All(line => line.Length == 64 * 1024));
    }

    [TestMethod]
    public void The_last_20_lines_are_kept_and_what_is_coded_among_them()
    {
        OutputLines output = new(_ => { });
        output.Add("LAVA5999: too long ago\n"u8);
        for (int i = 0; i < 18; i++)
        {
            output.Add(Encoding.UTF8.GetBytes($"{i}\n"));
        }

        output.Add("LAVA5031: The server is too old.\n/srv/i: error LAVA5032: No room.\nnot LAVA5033: quoted\n"u8);
        Assert.HasCount(20, output.LastLines);
        CollectionAssert.AreEqual(new[] { ("LAVA5031", "The server is too old."), ("LAVA5032", "No room.") }, output.Coded.ToArray());
    }
}
