# All programs of the workbook that run as containers; the first argument picks one: scorer, trainer, predictor.
# Build: `npx activate image build`, which bundles each program to one file, then `docker build .`, or `npx activate image
# push`, which has Cloud Build do it.
FROM node:22-alpine
WORKDIR /app
COPY lib/dist/images/activate/*.js ./
ENV NODE_ENV=production
USER node
EXPOSE 8080
# Cloud Run says where by PORT, Vertex AI by AIP_HTTP_PORT and AIP_HEALTH_ROUTE.
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || process.env.AIP_HTTP_PORT || 8080}${process.env.AIP_HEALTH_ROUTE || '/health'}`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "main.js"]
CMD ["scorer"]
