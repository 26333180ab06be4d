using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class LineRelayTests
{
    [TestMethod]
    public async Task Lines_are_passed_on_whole_and_the_last_one_also_without_an_end()
    {
        List<string> lines = [];
        await LineRelay.RunAsync(new StringReader("one\n\ntwo é\nthree"), lines.Add, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { "one", "", "two é", "three" }, lines);
    }

    [TestMethod]
    public async Task A_question_is_passed_on_while_its_answer_is_waited_for()
    {
        Pipe pipe = new();
        Channel<string> lines = Channel.CreateUnbounded<string>();
        using StreamReader reader = new(pipe.Reader.AsStream());
        Task relay = LineRelay.RunAsync(reader, line => lines.Writer.TryWrite(line), CancellationToken.None);
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("first\nName: "));
        Assert.AreEqual("first", await lines.Reader.ReadAsync());
        Assert.AreEqual("Name: ", await lines.Reader.ReadAsync());
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("hello\n"));
        Assert.AreEqual("hello", await lines.Reader.ReadAsync());
        await pipe.Writer.CompleteAsync();
        await relay;
    }
}
